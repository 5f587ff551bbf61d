package io.github.expogguf.plan.task;

import java.util.ArrayList;
import java.util.List;

/**
 * What a plan is for beside a pair. Operands number the models from 2 on: the adapters, then both models of each delta,
 * the SFT model first.
 *
 * @param adapters     what is added to the aligned model
 * @param deltas       further differences that are added to the result
 * @param alignedIsSft whether the aligned model is the SFT model with the adapters, so that what they leave alone has
 *                     no delta
 */
public record FurtherInputs(List<Adapter> adapters, List<Delta> deltas, boolean alignedIsSft) {

    /** Number of the first model. */
    static final int FIRST = 2;

    /** A pair alone. */
    public static final FurtherInputs NONE = new FurtherInputs(List.of(), List.of(), false);

    /**
     * A LoRA adapter.
     *
     * @param weight what its products are multiplied with, beside the adapter's own scale; finite
     */
    public record Adapter(ModelFiles model, float weight) {

        /** Checks the weight. */
        public Adapter {
            requireFinite(weight);
        }
    }

    /**
     * A further difference, {@code weight * (aligned - sft)}.
     *
     * @param weight finite
     */
    public record Delta(ModelFiles sft, ModelFiles aligned, float weight) {

        /** Checks the weight. */
        public Delta {
            requireFinite(weight);
        }
    }

    /** Copies the lists. */
    public FurtherInputs {
        adapters = List.copyOf(adapters);
        deltas = List.copyOf(deltas);
    }

    /** The models in the order of their numbers. */
    public List<ModelFiles> models() {
        List<ModelFiles> models = new ArrayList<>();
        adapters.forEach(adapter -> models.add(adapter.model));
        deltas.forEach(delta -> models.addAll(List.of(delta.sft, delta.aligned)));
        return models;
    }

    int numberOfDelta(int index) {
        return FIRST + adapters.size() + 2 * index;
    }

    private static void requireFinite(float weight) {
        if (!Float.isFinite(weight)) {
            throw new IllegalArgumentException("weight is " + weight + ", expected a finite number");
        }
    }
}
