package io.github.expogguf.cli;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.terminal.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command without a subcommand: help and version. */
@Command(
        name = "expo-gguf",
        description = {
            "Makes a stronger model out of two: extrapolated = aligned + alpha * (aligned - sft). Models are GGUF"
                    + " files, or Hugging Face folders and .safetensors with a GGUF for tokenizer and layout.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Results go to stdout, progress and messages to stderr. EXPO_GGUF_DEBUG=1 shows where an error came from.",
            "Example:",
            "  expo-gguf extrapolate --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --type Q4_K_M -o OUT.gguf"
        })
final class RootCommand implements Runnable, BaseCommand.HasConsole {

    private final Console console;
    private final Other other;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // that it is asked for is picocli's business
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            description = "Show what 'version' shows.")
    private boolean version;

    /** Runs the program with other words. */
    @FunctionalInterface
    interface Other {
        int run(List<String> words, PrintStream out, PrintStream err);
    }

    /** @param other for commands that try another one */
    RootCommand(Console console, Other other) {
        this.console = console;
        this.other = other;
    }

    @Override
    public Console console() {
        return console;
    }

    @Override
    public int runOther(List<String> words, PrintStream out, PrintStream err) {
        return other.run(words, out, err);
    }

    @Override
    public void run() {
        if (!version) {
            throw new ParameterException(spec.commandLine(), "missing command; " + names());
        }
        Objects.requireNonNull(spec.subcommands().get("version")).execute();
    }

    private String names() {
        return "one of " + String.join(", ", spec.subcommands().keySet());
    }
}
