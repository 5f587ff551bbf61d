package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.Converters;
import io.github.expogguf.cli.option.UnfinishedFlags;
import io.github.expogguf.cli.terminal.Json;
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

/** Files that a search writes. */
final class SearchOutputs {

    @Option(
            names = "--log",
            paramLabel = "FILE",
            order = 30,
            description = "Keep every evaluation in this file, a JSON object a line; a search that was stopped goes on"
                    + " from it.")
    private @Nullable Path log;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            order = 31,
            description = "Write every alpha with scores, errors and guards, and best.alpha.")
    private @Nullable Path json;

    @Option(names = "--csv", paramLabel = "FILE", order = 32, description = "Write the same as a table.")
    private @Nullable Path csv;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            order = 33,
            description = "Write a page with the curves and the answers side by side.")
    private @Nullable Path html;

    @Option(
            names = "--write",
            paramLabel = "OUT",
            order = 34,
            description = "Write the best model, with the evidence for its alpha in its metadata.")
    private @Nullable Path model;

    @Option(
            names = "--write-type",
            paramLabel = "TYPE",
            order = 35,
            converter = Converters.ToFileType.class,
            completionCandidates = Converters.TypeNames.class,
            description = "File type of the written model; default: --type, as it was searched with.")
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
    PlanOptions winner(PlanOptions searched) {
        return writeType == null ? searched : writeType.in(searched);
    }

    /** How the model is written. */
    OutputOptions writing() {
        return OutputOptions.defaults().withForce(force).withUnfinished(unfinished.unfinished());
    }

    /** Refuses places that cannot be written to, before any work. */
    void check() throws IOException {
        for (Path path :
                Stream.of(json, csv, html, model).filter(Objects::nonNull).toList()) {
            new TextOutput(path, force).check();
        }
    }

    /** Writes what was asked for but the model. */
    void write(SearchReport report) throws IOException {
        if (json != null) {
            new TextOutput(json, force).write(Json.text(SearchJson.of(report)) + "\n");
        }
        if (csv != null) {
            new TextOutput(csv, force).write(SearchCsv.of(report));
        }
        if (html != null) {
            new TextOutput(html, force).write(SearchPage.of(report));
        }
    }
}
