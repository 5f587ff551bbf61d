package io.github.expogguf.cli.option;

import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command has: help, {@code --verbose}, and the console. */
public abstract class BaseCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 1000,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // that it is asked for is picocli's business
    private boolean help;

    @Option(
            names = {"-v", "--verbose"},
            order = 999,
            description = "Show the library's log, and where an error came from.")
    private boolean verbose;

    /** Does the work. */
    public abstract ExitCode execute() throws Exception;

    @Override
    public final Integer call() throws Exception {
        Logging.configure(verbose, spec.commandLine().getParseResult().hasMatchedOption("--quiet"));
        writtenFiles();
        return execute().code();
    }

    /** Refuses a file beside those that the words name to be written, if it is an input. */
    public final void checkWritten(Path file) throws IOException {
        WrittenFiles others = writtenFiles();
        checked(() -> {
            others.check("", file.toString());
            return file;
        });
    }

    private WrittenFiles writtenFiles() throws IOException {
        return checked(() -> new WrittenFiles(spec.commandLine().getParseResult()));
    }

    public final Console console() {
        return ((HasConsole) spec.root().userObject()).console();
    }

    /** A refusal of the options, to be thrown. */
    public final ParameterException usage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    /** Calls the library; what it calls a wrong argument is a wrong option here. */
    public final <T> T checked(LibraryCall<T> call) throws IOException {
        try {
            return call.make();
        } catch (IllegalArgumentException wrong) {
            String message = LibraryNames.asOptions(
                    Failures.withOption(wrong), spec.optionsMap().keySet());
            throw new ParameterException(spec.commandLine(), message, wrong);
        }
    }

    /** The command above all others. */
    public interface HasConsole {
        public Console console();
    }

    /** Something the library does for a command. */
    @FunctionalInterface
    public interface LibraryCall<T> {
        T make() throws IOException;
    }
}
