package io.github.expogguf.cli.listen;

import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.ChosenModelFlags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Files that a listening test writes. */
final class ListenOutputFlags {

    @Written
    @Option(
            names = "--log",
            paramLabel = "FILE",
            order = 30,
            description =
                    "Keep every vote in this file, a JSON object a line; a test that was stopped goes on from it.")
    private @Nullable Path log;

    @Written
    @Option(
            names = "--json-file",
            paramLabel = "FILE",
            order = 31,
            description = "Write what --json prints: best, the curve with its deviations, and every vote.")
    private @Nullable Path json;

    @Mixin
    private ChosenModelFlags chosen;

    Optional<Path> log() {
        return Optional.ofNullable(log);
    }

    ChosenModelFlags chosen() {
        return chosen;
    }

    /** Refuses places that cannot be written to, before any work. */
    void check() throws IOException {
        chosen.check(json);
    }

    void writeJson(String document) throws IOException {
        if (json != null) {
            chosen.text(json).write(document + "\n");
        }
    }
}
