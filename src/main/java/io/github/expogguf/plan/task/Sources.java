package io.github.expogguf.plan.task;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files that an output is made from; each path names a GGUF file or any shard of a set.
 *
 * @param sft      the model before alignment; empty where one model is quantized
 * @param aligned  the model after alignment
 * @param adapters LoRA adapters that are added to the aligned model
 * @param deltas   further differences that are added to the result
 */
public record Sources(Optional<Path> sft, Path aligned, List<Adapter> adapters, List<Delta> deltas) {

    /**
     * A LoRA adapter.
     *
     * @param weight what it counts, beside its own scale; finite, 1 as trained
     */
    public record Adapter(Path file, float weight) {}

    /**
     * A further difference, {@code weight * (aligned - sft)}, of two models that match the aligned one.
     *
     * @param weight finite; negative to take the difference away
     */
    public record Delta(Path sft, Path aligned, float weight) {}

    /** @throws IllegalArgumentException if there are adapters or deltas, but no SFT model */
    public Sources {
        adapters = List.copyOf(adapters);
        deltas = List.copyOf(deltas);
        if (sft.isEmpty() && !(adapters.isEmpty() && deltas.isEmpty())) {
            throw new IllegalArgumentException("adapters and further deltas need an SFT model");
        }
    }

    /** A pair. */
    public static Sources pair(Path sft, Path aligned) {
        return new Sources(Optional.of(sft), aligned, List.of(), List.of());
    }

    /** One model, to quantize it. */
    public static Sources model(Path model) {
        return new Sources(Optional.empty(), model, List.of(), List.of());
    }

    /** A model and adapters, which together are the aligned model. */
    public static Sources adapted(Path base, List<Adapter> adapters) {
        return new Sources(Optional.of(base), base, adapters, List.of());
    }

    /** Same, with these adapters on the aligned model. */
    public Sources withAdapters(List<Adapter> value) {
        return new Sources(sft, aligned, value, deltas);
    }

    /** Same, with these further differences. */
    public Sources withDeltas(List<Delta> value) {
        return new Sources(sft, aligned, adapters, value);
    }

    /** Whether the aligned model is the SFT model with adapters. */
    public boolean isAdaptedSft() {
        return !adapters.isEmpty() && sft.filter(aligned::equals).isPresent();
    }
}
