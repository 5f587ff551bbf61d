package io.github.expogguf.cli.option;

import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.report.Needs;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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
        List<String> missing = Needs.missing(spec, spec.commandLine().getParseResult());
        if (!missing.isEmpty()) {
            throw usage(Needs.message(missing));
        }
        refuseEmptyLists();
        writtenFiles();
        return execute().code();
    }

    /** picocli takes a list that has nothing but commas for one without elements. */
    private void refuseEmptyLists() {
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            boolean isList = option.splitRegex().equals(",");
            for (String value : isList ? option.originalStringValues() : List.<String>of()) {
                if (value.contains(",") && value.replace(",", "").isBlank()) {
                    throw usage("Invalid value for option '" + option.longestName() + "' (" + option.paramLabel()
                            + "): " + Escape.quote(value) + " has no value");
                }
            }
        }
    }

    /** Refuses a file beside those that the words name to be written, if it is an input. */
    public final void checkWritten(Path file) throws IOException {
        WrittenFiles others = writtenFiles();
        checked(() -> {
            others.check("", file.toString());
            return file;
        });
    }

    /**
     * The words that give the same result again.
     *
     * @param chosen by the long names of options: values that the command chose where the words left it the choice
     */
    public final RepeatableWords repeatable(Map<String, String> chosen) throws IOException {
        return RepeatableWords.of(spec, chosen);
    }

    private WrittenFiles writtenFiles() throws IOException {
        return checked(() -> new WrittenFiles(spec.commandLine().getParseResult()));
    }

    public final Console console() {
        return ((HasConsole) spec.root().userObject()).console();
    }

    /** Runs the program with other words, without its name and without input. */
    protected final int runOther(List<String> words, PrintStream out, PrintStream err) {
        return ((HasConsole) spec.root().userObject()).runOther(words, out, err);
    }

    /** A refusal of the options, to be thrown. */
    public final ParameterException usage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    /**
     * What the words of the command line say to some of its groups of options, to be said to another command that has
     * them, too.
     *
     * @param groups names of the fields that are such groups
     */
    public final List<String> wordsOf(String... groups) {
        Set<ArgSpec> options = Stream.of(groups)
                .flatMap(group -> Objects.requireNonNull(spec.mixins().get(group), group).options().stream())
                .collect(Collectors.toSet());
        return spec.commandLine().getParseResult().matchedOptions().stream()
                .filter(options::contains)
                .flatMap(BaseCommand::words)
                .toList();
    }

    private static Stream<String> words(OptionSpec option) {
        return option.arity().max() == 0
                ? Stream.of(option.longestName())
                : option.originalStringValues().stream().flatMap(value -> Stream.of(option.longestName(), value));
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

        /** Runs the program with other words, without its name and without input. */
        public int runOther(List<String> words, PrintStream out, PrintStream err);
    }

    /** Something the library does for a command. */
    @FunctionalInterface
    public interface LibraryCall<T> {
        T make() throws IOException;
    }
}
