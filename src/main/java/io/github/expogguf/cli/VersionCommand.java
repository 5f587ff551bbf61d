package io.github.expogguf.cli;

import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Versions of everything that decides the bytes of the output; works without native libraries, too. */
@Command(
        name = "version",
        description = {
            "Shows the versions of the program, of llama.cpp and of Java, where the libraries are, and what they compute"
                    + " on.",
            ""
        })
final class VersionCommand extends Subcommand {

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() {
        VersionReport report = VersionReport.collect(nativeLibrary);
        if (json()) {
            console().print(report.json());
        } else {
            report.print(console().out(), Terminal.ofStdout().columns());
        }
        return ExitCode.OK;
    }
}
