package io.github.expogguf.cli.option;

import io.github.expogguf.card.ModelCard;
import io.github.expogguf.card.OllamaModelfile;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.run.ExpoReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Files that go with written models. */
public final class CardFlags {

    private static final String CARD = "README.md";

    @Option(
            names = "--card",
            order = 36,
            description = "Write a model card, README.md, beside the output: lineage, recipe, figures, caveats.")
    private boolean card;

    @Option(
            names = "--modelfile",
            order = 37,
            description = "Write a Modelfile for Ollama beside the output; NAME.Modelfile each for several outputs.")
    private boolean modelfile;

    public boolean isAny() {
        return card || modelfile;
    }

    /**
     * Refuses places that cannot be written to and names that a Modelfile cannot hold, before any work.
     *
     * @param command knows the inputs, none of which is replaced
     * @param isSplit whether the models will be shards
     */
    public void check(BaseCommand command, List<Path> models, boolean isSplit, boolean force) throws IOException {
        if (modelfile && isSplit) {
            throw new IllegalArgumentException("--modelfile: Ollama reads models of one file, not shards");
        }
        for (Path model : modelfile ? models : List.<Path>of()) {
            OllamaModelfile.requireOneFile(model, 1);
        }
        for (Path path : paths(models).keySet()) {
            if (models.contains(path)) {
                throw new IllegalArgumentException("the output and what is written beside it are both called " + path);
            }
            command.checkWritten(path);
            new TextOutput(path, force).check();
        }
    }

    /** Writes what was asked for; returns the files. */
    public List<Path> write(List<ExpoReport> reports, boolean force) throws IOException {
        List<Path> models =
                reports.stream().map(report -> report.files().getFirst()).toList();
        Map<Path, List<Path>> paths = paths(models);
        for (Map.Entry<Path, List<Path>> path : paths.entrySet()) {
            String text = path.getKey().endsWith(CARD)
                    ? ModelCard.of(path.getValue())
                    : OllamaModelfile.of(path.getValue().getFirst());
            new TextOutput(path.getKey(), force).write(text);
        }
        return List.copyOf(paths.keySet());
    }

    /**
     * The files to write, and the models that each tells of: a card for all models of a directory, a Modelfile for
     * each.
     */
    private Map<Path, List<Path>> paths(List<Path> models) {
        Map<Path, List<Path>> paths = new LinkedHashMap<>();
        for (Path model : models) {
            if (card) {
                paths.computeIfAbsent(model.resolveSibling(CARD), _ -> new ArrayList<>())
                        .add(model);
            }
        }
        for (Path model : modelfile ? models : List.<Path>of()) {
            String name = model.getFileName().toString().replaceFirst("\\.gguf$", "") + ".Modelfile";
            paths.put(model.resolveSibling(models.size() == 1 ? "Modelfile" : name), List.of(model));
        }
        return paths;
    }
}
