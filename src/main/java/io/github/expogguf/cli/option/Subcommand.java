package io.github.expogguf.cli.option;

import io.github.expogguf.cli.terminal.Console;
import picocli.CommandLine.Option;

/** A command with one result, which {@code --json} prints as a document. */
public abstract class Subcommand extends BaseCommand {

    @Option(names = "--json", order = 998, description = "Print one JSON document to stdout, also for an error.")
    private boolean json;

    public final boolean json() {
        return json;
    }

    /** Where texts for people go: stdout, if no document goes there. */
    public final Console texts() {
        return json ? new Console(console().in(), console().err(), console().err()) : console();
    }
}
