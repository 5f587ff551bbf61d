package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.AlphaScale;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Models whose weights are extrapolated.
 *
 * @param sources the files
 * @param pair    the same, open
 * @param plan    at alpha 0
 * @param delta   how far apart the models are
 * @param load    how the model is loaded
 */
record SearchedWeights(Ingredients<Path> sources, Extrapolator pair, Plan plan, DeltaDistance delta, LoadOptions load)
        implements Searched {

    /** The same plan at another alpha. */
    Plan at(float alpha) {
        return pair.plan(plan.options().withAlpha(alpha));
    }

    @Override
    public String name() {
        return plan.aligned().name();
    }

    @Override
    public Metadata metadata() {
        return plan.metadata();
    }

    @Override
    public OptionalDouble distance() {
        return OptionalDouble.of(delta.of(plan));
    }

    @Override
    public Optional<Float> suggestedAlpha() {
        return delta.alphaAt(DeltaDistance.SUGGESTED).stream()
                .mapToObj(AlphaScale::twoDigits)
                .findFirst();
    }

    @Override
    public Map<String, String> inputs() throws IOException {
        Map<String, String> inputs = RunInputs.ofModels(sources);
        inputs.putAll(RunInputs.ofWeights(plan));
        return inputs;
    }

    @Override
    public Opened open(Measurements measurements, ComputeOptions how) throws IOException {
        WorkOptions building = WorkOptions.builder()
                .threads(how.threads())
                .listener(how.listener())
                .cancellation(how.cancellation())
                .build();
        LiveModel live = LiveModel.open(pair, plan.options(), building, load);
        return new Opened(live, new LiveEvaluator(live, measurements, how, delta));
    }

    @Override
    public void close() throws IOException {
        pair.close();
    }
}
