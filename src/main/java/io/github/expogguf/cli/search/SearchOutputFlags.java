package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.ChosenModelFlags;
import io.github.expogguf.cli.terminal.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Files that a search writes. */
final class SearchOutputFlags {

    @Written
    @Option(
            names = "--log",
            paramLabel = "FILE",
            order = 30,
            description = "Keep every evaluation in this file, a JSON object a line; a search that was stopped goes on"
                    + " from it.")
    private @Nullable Path log;

    @Written
    @Option(
            names = "--json-file",
            paramLabel = "FILE",
            order = 31,
            description = "Write what --json prints: every alpha with scores, errors and guards, and best.alpha.")
    private @Nullable Path json;

    @Written
    @Option(names = "--csv", paramLabel = "FILE", order = 32, description = "Write the same as a table.")
    private @Nullable Path csv;

    @Written
    @Option(
            names = "--html",
            paramLabel = "FILE",
            order = 33,
            description = "Write a page with the curves and the answers side by side.")
    private @Nullable Path html;

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
        chosen.check(json, csv, html);
    }

    /** Writes what was asked for but the model. */
    void write(SearchReport report) throws IOException {
        if (json != null) {
            chosen.text(json).write(Json.text(SearchJson.of(report)) + "\n");
        }
        if (csv != null) {
            chosen.text(csv).write(SearchCsv.of(report));
        }
        if (html != null) {
            chosen.text(html).write(SearchPage.of(report));
        }
    }
}
