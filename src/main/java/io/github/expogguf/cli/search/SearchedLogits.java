package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.model.PairOrGuide;
import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Models whose logits are extrapolated.
 *
 * @param pair     the files
 * @param models   what loads them
 * @param name     of the model that answers at alpha 0
 * @param metadata of the same
 * @param notes    take what is to be known of them
 */
record SearchedLogits(
        Ingredients<Path> pair,
        PairOrGuide models,
        String name,
        Metadata metadata,
        LoadOptions load,
        Consumer<String> notes)
        implements Searched {

    static SearchedLogits of(Ingredients<Path> pair, PairOrGuide models, LoadOptions load, Consumer<String> notes)
            throws IOException {
        try (GgufModel model = GgufModel.open(models.answering())) {
            return new SearchedLogits(
                    pair, models, model.header().name(), model.header().metadata(), load, notes);
        }
    }

    @Override
    public OptionalDouble distance() {
        return OptionalDouble.empty();
    }

    @Override
    public Optional<Float> suggestedAlpha() {
        return Optional.empty();
    }

    @Override
    public Map<String, String> inputs() throws IOException {
        Map<String, String> inputs = RunInputs.ofModels(pair);
        inputs.putAll(RunInputs.ofLogits(models.steered()));
        return inputs;
    }

    @Override
    public Opened open(Measurements measurements, ComputeOptions how) throws IOException {
        WorkOptions loading = WorkOptions.builder()
                .threads(how.threads())
                .listener(how.listener())
                .cancellation(how.cancellation())
                .build();
        ExtrapolatedModel live = models.openLogits(load, loading, notes);
        return new Opened(live, new LiveEvaluator(live, measurements, how));
    }

    @Override
    public void close() {}
}
