package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.recipe.Recipe;
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
import java.util.LinkedHashMap;
import java.util.List;
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
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("sft", InputDigest.ofModel(sources.sft().orElseThrow()));
        inputs.put("aligned", InputDigest.ofModel(sources.aligned()));
        List<Ingredients.Adapter<Path>> adapters = sources.adapters();
        for (int i = 0; i < adapters.size(); i++) {
            Ingredients.Adapter<Path> adapter = adapters.get(i);
            inputs.put("adapter " + (i + 1), InputDigest.ofModel(adapter.model()) + " * " + adapter.weight());
        }
        List<Ingredients.Delta<Path>> deltas = sources.deltas();
        for (int i = 0; i < deltas.size(); i++) {
            Ingredients.Delta<Path> each = deltas.get(i);
            inputs.put(
                    "delta " + (i + 1),
                    "(" + InputDigest.ofModel(each.aligned()) + " - " + InputDigest.ofModel(each.sft()) + ") * "
                            + each.weight());
        }
        Recipe weights = Recipe.read(plan.metadata()).orElseThrow();
        inputs.put("weights", weights.rules().isEmpty() ? "as aligned" : String.join(" ", weights.rules()));
        weights.imatrixDigest().ifPresent(digest -> inputs.put("imatrix", digest));
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
