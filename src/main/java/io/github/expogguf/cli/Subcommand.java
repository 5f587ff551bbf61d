package io.github.expogguf.cli;

import picocli.CommandLine.Option;

/** A command with one result, which {@code --json} prints as a document. */
abstract class Subcommand extends BaseCommand {

    @Option(names = "--json", order = 998, description = "Print one JSON document to stdout, also for an error.")
    private boolean json;

    final boolean json() {
        return json;
    }
}
