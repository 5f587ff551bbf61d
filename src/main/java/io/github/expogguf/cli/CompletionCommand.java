package io.github.expogguf.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A script by which shells complete commands, options and their values. */
@Command(
        name = "generate-completion",
        description = {
            "Prints a script by which bash and zsh complete commands, options and their values; 'make install' puts it"
                    + " in place.",
            ""
        },
        footer = {
            "",
            "For this shell, bash or zsh:",
            "  source <(expo-gguf generate-completion)",
            "For every bash that will be started:",
            "  echo 'source <(expo-gguf generate-completion)' >> ~/.bashrc",
            "For every zsh:",
            "  echo 'source <(expo-gguf generate-completion)' >> ~/.zshrc"
        })
final class CompletionCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // that it is asked for is picocli's business
    private boolean help;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        out.flush();
    }
}
