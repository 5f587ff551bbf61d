package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.RunInputs;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two models whose logits are extrapolated.
 *
 * @param name     of the aligned model
 * @param metadata of the aligned model
 */
record SearchedLogits(Path sft, Path aligned, String name, Metadata metadata, LoadOptions load) implements Searched {

    static SearchedLogits of(Path sft, Path aligned, LoadOptions load) throws IOException {
        try (GgufModel model = GgufModel.open(aligned)) {
            return new SearchedLogits(
                    sft, aligned, model.header().name(), model.header().metadata(), load);
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
        Map<String, String> inputs = RunInputs.ofModels(Ingredients.pair(sft, aligned));
        inputs.putAll(RunInputs.ofLogits());
        return inputs;
    }

    @Override
    public Opened open(Measurements measurements, ComputeOptions how) throws IOException {
        LogitPair pair = LogitPair.open(sft, aligned, 0, load, how.listener(), how.cancellation());
        return new Opened(pair, new LiveEvaluator(pair, measurements, how));
    }

    @Override
    public void close() {}
}
