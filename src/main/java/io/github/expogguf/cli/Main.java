package io.github.expogguf.cli;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Terminal;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** Entry of the command. */
public final class Main {

    private Main() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /**
     * Runs the command in this process.
     *
     * @param args options and operands
     * @param out  takes results
     * @param err  takes progress, notes and errors
     * @return the exit code
     */
    static int run(String[] args, PrintStream out, PrintStream err) {
        return run(args, System.in, out, err);
    }

    /** Same, with other input than the process's. */
    static int run(String[] args, InputStream in, PrintStream out, PrintStream err) {
        try (Console console = new Console(in, out, err)) {
            Failures failures = new Failures(console, args, Commands.printsJson(args));
            try {
                CommandLine commandLine = commandLine(console, failures, args);
                ArgumentFiles.check(commandLine, args);
                return commandLine.execute(args);
            } catch (Throwable failure) { // Errors too: picocli hands its handler exceptions only
                return failures.report(failure);
            }
        }
    }

    private static int runOther(List<String> words, PrintStream out, PrintStream err) {
        return run(words.toArray(String[]::new), InputStream.nullInputStream(), out, err);
    }

    private static CommandLine commandLine(Console console, Failures failures, String[] args) {
        CommandLine commandLine = Commands.addTo(new CommandLine(new RootCommand(console, Main::runOther)), args)
                .setOut(new PrintWriter(console.out(), true, console.out().charset()))
                .setErr(new PrintWriter(console.err(), true, console.err().charset()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Float.class, new Converters.ToAlpha())
                .registerConverter(Float.TYPE, new Converters.ToAlpha())
                .registerConverter(Double.TYPE, new Converters.ToDouble())
                .registerConverter(Integer.class, new Converters.ToInt())
                .registerConverter(Integer.TYPE, new Converters.ToInt())
                .registerConverter(Long.class, new Converters.ToLong())
                .registerConverter(Long.TYPE, new Converters.ToLong())
                .registerConverter(Path.class, new Converters.ToPath())
                .registerConverter(Boolean.TYPE, new Converters.ToTruth())
                .setParameterExceptionHandler((failure, _) -> failures.report(failure))
                .setExecutionExceptionHandler((failure, _, _) -> failures.report(failure));
        commandLine
                .getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCode.table());
        List<String> words = List.of(args);
        if (words.contains("--help") || words.contains("-h") || words.contains("help")) {
            GroupedHelp.install(commandLine, Terminal.ofStdout().columns());
            FileTypeList.install(commandLine);
        }
        return commandLine;
    }
}
