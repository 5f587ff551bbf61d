package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** For who has just downloaded something: whether it is what they think, and what to do with it. */
@Command(
        name = "doctor",
        description = {
            "Looks whether this machine has what is needed and, given files or folders, what they are, whether two of"
                    + " them are a pair, and what to type next.",
            ""
        },
        footer = {"", "Example:", "  expo-gguf doctor ~/Downloads/*.gguf"})
public final class DoctorCommand extends Subcommand {

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Files or folders as they were downloaded; of a split model any shard names the whole set.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() {
        List<FoundFile> found = FileProbe.lookAtAll(paths());
        Machine machine = Machine.look(nativeLibrary);
        Advice advice = new AdviceComposer(found, this::attempt).compose();
        DoctorReport report = new DoctorReport(machine, found, advice);
        if (json()) {
            console().print(report.json());
        } else {
            console().out().print(report.text(Terminal.ofStdout().columnsOfText()));
        }
        return report.exitCode();
    }

    /** Not converted by picocli, which calls what of a list is no value an unmatched argument. */
    private List<Path> paths() {
        try {
            return files.stream().map(Converters::path).toList();
        } catch (TypeConversionException wrong) {
            throw usage("invalid value for FILE: " + wrong.getMessage());
        }
    }

    /** Runs a command up to the point where it would write. */
    private Attempt attempt(List<String> words) {
        List<String> dry = new ArrayList<>(words.subList(1, words.size()));
        dry.addAll(List.of("--dry-run", "--quiet"));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = runOther(
                dry,
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return Attempt.of(exitCode, err.toString(StandardCharsets.UTF_8));
    }
}
