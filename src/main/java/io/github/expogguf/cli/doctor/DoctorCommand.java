package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.terminal.ExitCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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
    private List<Path> files = new ArrayList<>();

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() {
        List<FoundFile> found = FileProbe.lookAtAll(files);
        Machine machine = Machine.look(nativeLibrary);
        Advice advice = Advice.of(found);
        DoctorReport report = new DoctorReport(machine, found, advice);
        if (json()) {
            console().print(report.json());
        } else {
            console().out().print(report.text());
        }
        return report.exitCode();
    }
}
