package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What results depend on, by name: for logs, of which one that was made with something else is refused. */
public final class RunInputs {

    /** Name of the seed, which a run that goes on takes from its log where it was drawn. */
    public static final String SEED = "seed";

    /** What is made of weights where no option says anything else. */
    public static final String AS_ALIGNED = "as aligned";

    private RunInputs() {}

    /** The files. */
    public static Map<String, String> ofModels(Ingredients<Path> sources) throws IOException {
        Map<String, String> inputs = new LinkedHashMap<>();
        if (sources.sft().isPresent()) {
            inputs.put("sft", InputDigest.ofModel(sources.sft().get()));
        }
        inputs.put("aligned", InputDigest.ofModel(sources.aligned()));
        if (sources.template().isPresent()) {
            inputs.put("like", InputDigest.ofModel(sources.template().get()));
        }
        List<Ingredients.Adapter<Path>> adapters = sources.adapters();
        for (int i = 0; i < adapters.size(); i++) {
            Ingredients.Adapter<Path> adapter = adapters.get(i);
            inputs.put("adapter " + (i + 1), InputDigest.ofModel(adapter.model()) + " * " + adapter.weight());
        }
        List<Ingredients.Delta<Path>> deltas = sources.deltas();
        for (int i = 0; i < deltas.size(); i++) {
            Ingredients.Delta<Path> delta = deltas.get(i);
            inputs.put(
                    "delta " + (i + 1),
                    "(" + InputDigest.ofModel(delta.aligned()) + " - " + InputDigest.ofModel(delta.sft()) + ") * "
                            + delta.weight());
        }
        return inputs;
    }

    /** What is made of their weights. */
    public static Map<String, String> ofWeights(Plan plan) {
        Map<String, String> inputs = new LinkedHashMap<>();
        Recipe weights = Recipe.read(plan.metadata()).orElseThrow();
        inputs.put("weights", weights.rules().isEmpty() ? AS_ALIGNED : String.join(" ", weights.rules()));
        weights.imatrixDigest().ifPresent(digest -> inputs.put("imatrix", digest));
        return inputs;
    }

    /**
     * What is made of their logits.
     *
     * @param steered model that the pair steers, if it does
     */
    public static Map<String, String> ofLogits(Optional<Path> steered) throws IOException {
        Map<String, String> inputs = new LinkedHashMap<>();
        if (steered.isPresent()) {
            inputs.put("model", InputDigest.ofModel(steered.get()));
            inputs.put("logits", "model + alpha * (aligned - sft)");
        } else {
            inputs.put("logits", "(1 + alpha) * aligned - alpha * sft");
        }
        return inputs;
    }

    /** How answers are generated. */
    public static Map<String, String> ofAnswers(GenerationOptions generation) {
        Map<String, String> inputs = new LinkedHashMap<>();
        SamplingOptions sampling = generation.sampling();
        inputs.put("sampling", text(sampling));
        if (!sampling.isGreedy()) {
            inputs.put(SEED, Integer.toUnsignedString(sampling.seed()));
        }
        inputs.put("predict", Integer.toString(generation.maxTokens()));
        return inputs;
    }

    private static String text(SamplingOptions sampling) {
        String choice = sampling.isGreedy()
                ? "greedy"
                : String.format(
                        Locale.ROOT,
                        "temp %s, top-k %d, top-p %s, min-p %s",
                        sampling.temperature(),
                        sampling.topK(),
                        sampling.topP(),
                        sampling.minP());
        return !sampling.hasPenalties()
                ? choice
                : choice
                        + String.format(
                                Locale.ROOT,
                                ", repeat-penalty %s, repeat-last-n %d, frequency-penalty %s, presence-penalty %s",
                                sampling.repeatPenalty(),
                                sampling.repeatLastN(),
                                sampling.frequencyPenalty(),
                                sampling.presencePenalty());
    }
}
