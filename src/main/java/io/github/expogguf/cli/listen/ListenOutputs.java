package io.github.expogguf.cli.listen;

import io.github.expogguf.cli.option.Converters;
import io.github.expogguf.cli.option.UnfinishedFlags;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Files that a listening test writes. */
final class ListenOutputs {

    @Option(
            names = "--log",
            paramLabel = "FILE",
            order = 30,
            description =
                    "Keep every vote in this file, a JSON object a line; a test that was stopped goes on from it.")
    private @Nullable Path log;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            order = 31,
            description = "Write best, the curve with its deviations, and every vote.")
    private @Nullable Path json;

    @Option(
            names = "--write",
            paramLabel = "OUT",
            order = 34,
            description = "Write the model at the alpha that was found, with the evidence for it in its metadata.")
    private @Nullable Path model;

    @Option(
            names = "--write-type",
            paramLabel = "TYPE",
            order = 35,
            converter = Converters.ToFileType.class,
            completionCandidates = Converters.TypeNames.class,
            description = "File type of the written model; default: --type, as it was heard with.")
    private @Nullable TypeChoice writeType;

    @Option(names = "--force", order = 41, description = "Replace existing files; the log is never replaced.")
    private boolean force;

    @Mixin
    private UnfinishedFlags unfinished;

    Optional<Path> log() {
        return Optional.ofNullable(log);
    }

    Optional<Path> model() {
        return Optional.ofNullable(model);
    }

    /** The recipe of the written model. */
    PlanOptions winner(PlanOptions heard) {
        return writeType == null ? heard : writeType.in(heard);
    }

    /** How the model is written. */
    OutputOptions writing() {
        return OutputOptions.defaults().withForce(force).withUnfinished(unfinished.unfinished());
    }

    /** Refuses places that cannot be written to, before any work. */
    void check() throws IOException {
        for (Path path : Stream.of(json, model).filter(Objects::nonNull).toList()) {
            new TextOutput(path, force).check();
        }
    }

    void writeJson(String document) throws IOException {
        if (json != null) {
            new TextOutput(json, force).write(document + "\n");
        }
    }
}
