package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.RequantizeFlag;
import io.github.expogguf.cli.option.UnfinishedFlags;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.Refusal;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model at an alpha that a command chose, and whether its files may replace others. */
public final class ChosenModelFlags {

    @Written
    @Option(
            names = "--write",
            paramLabel = "OUT",
            order = 34,
            description = "Write the model at the alpha that was found, with the evidence for it in its metadata.")
    private @Nullable Path path;

    @Option(
            names = "--write-type",
            paramLabel = "TYPE",
            order = 35,
            converter = Converters.ToFileType.class,
            completionCandidates = Converters.TypeNames.class,
            description = "File type of the written model; default: --type, as it was tried with.")
    private @Nullable TypeChoice writeType;

    @Option(names = "--force", order = 41, description = "Replace existing files; the log is never replaced.")
    private boolean force;

    @Mixin
    private UnfinishedFlags unfinished;

    @Mixin
    private RequantizeFlag requantize;

    public Optional<Path> path() {
        return Optional.ofNullable(path);
    }

    /** The recipe of the written model. */
    public PlanOptions winner(PlanOptions tried) {
        return writeType == null ? tried : writeType.in(tried);
    }

    /** How the model is written. */
    public OutputOptions writing() {
        return OutputOptions.defaults().withForce(force).withUnfinished(unfinished.unfinished());
    }

    /** A text beside the model. */
    public TextOutput text(Path text) {
        return new TextOutput(text, force);
    }

    /**
     * Refuses to write what would hardly be what was tried, unless the user insists.
     *
     * @param refusals of the pair
     * @param pair     open
     * @param chosen   the recipe of the written model
     */
    public void require(Refusals refusals, Extrapolator pair, PlanOptions chosen, WorkOptions how) throws IOException {
        if (path == null) {
            return;
        }
        Optional<Refusal> refusal = refusals.ofTried(pair.plan(chosen), "--write-type %s", requantize.isGiven(), how);
        if (refusal.isPresent()) {
            throw refusal.get().failure();
        }
    }

    /**
     * Refuses a model that cannot be planned, or that there is no room for, before any work.
     *
     * @param tried the recipe that its alpha will be chosen for
     */
    public void check(Extrapolator pair, PlanOptions tried) throws IOException {
        check(pair, tried, SystemFiles.INSTANCE);
    }

    void check(Extrapolator pair, PlanOptions tried, FileSystem fileSystem) throws IOException {
        if (path == null) {
            return;
        }
        Plan plan = pair.plan(winner(tried).withAlpha(1)); // any but 0, whose tensors may be copies
        if (unfinished.unfinished() != Unfinished.RESUME) { // which needs less
            new OutputGuard(fileSystem, List.of()).checkRoom(path, pair.outputBytes(plan, writing()));
        }
    }

    /**
     * Refuses places that cannot be written to, before any work.
     *
     * @param texts files beside the model; null ones are not asked for
     */
    public void check(@Nullable Path... texts) throws IOException {
        for (Path each : Stream.concat(Stream.of(texts), path().stream())
                .filter(Objects::nonNull)
                .toList()) {
            text(each).check();
        }
    }
}
