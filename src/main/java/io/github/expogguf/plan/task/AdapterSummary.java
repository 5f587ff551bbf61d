package io.github.expogguf.plan.task;

import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import java.util.DoubleSummaryStatistics;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.Optional;

/**
 * What a LoRA adapter holds, told from its header alone.
 *
 * @param name     of its file
 * @param weight   what the user multiplies it with
 * @param alpha    {@code adapter.lora.alpha}; 0 if it states none, or 0, for which llama.cpp adds the products as they
 *                 are
 * @param minRank  smallest rank of its factors; 0 without factors
 * @param maxRank  largest
 * @param minScale smallest number that a product is multiplied with, without the weight ({@code get_scale} in
 *                 llama-adapter.h, v0.5.0, or as PEFT computes it); 0 without factors
 * @param maxScale largest
 * @param isExact  whether the scales are those that it was trained with: of an adapter that PEFT saved, and that no
 *                 converter has gone over
 * @param factored tensors in factors
 * @param whole    tensors that it holds as a whole
 */
public record AdapterSummary(
        String name,
        float weight,
        float alpha,
        long minRank,
        long maxRank,
        double minScale,
        double maxScale,
        boolean isExact,
        int factored,
        int whole) {

    /** Bounds of alpha / rank of adapters as people train them: from alpha 16 with rank 64 to alpha 32 with rank 8. */
    public static final double MIN_USUAL_SCALE = 0.25;

    /** The upper bound. */
    public static final double MAX_USUAL_SCALE = 4;

    /** Refuses null. */
    public AdapterSummary {
        Objects.requireNonNull(name, "name");
    }

    /**
     * Empty if the header is no LoRA adapter's.
     *
     * @param adapter header of a file that may be one
     * @param weight  what its products are multiplied with, beside its own scale
     * @return what the header says of an adapter; empty if it is none
     */
    public static Optional<AdapterSummary> of(ModelHeader adapter, float weight) {
        Objects.requireNonNull(adapter, "adapter");
        Metadata metadata = adapter.metadata();
        if (!metadata.string("general.type").equals(Optional.of("adapter"))
                || !metadata.string("adapter.type").equals(Optional.of("lora"))) {
            return Optional.empty();
        }
        float alpha = alpha(metadata);
        LongSummaryStatistics ranks = new LongSummaryStatistics();
        DoubleSummaryStatistics scales = new DoubleSummaryStatistics();
        for (TensorInfo tensor : adapter.tensors()) {
            if (tensor.name().endsWith(LoraAdapter.B)) {
                long rank = tensor.shape().rowLength();
                ranks.accept(rank);
                scales.accept(LoraAdapter.exactScale(metadata, LoraAdapter.baseName(tensor))
                        .orElse(alpha == 0 ? 1 : (double) alpha / rank));
            }
        }
        boolean hasFactors = ranks.getCount() > 0;
        return Optional.of(new AdapterSummary(
                adapter.name(),
                weight,
                alpha,
                hasFactors ? ranks.getMin() : 0,
                hasFactors ? ranks.getMax() : 0,
                hasFactors ? scales.getMin() : 0,
                hasFactors ? scales.getMax() : 0,
                metadata.asMap().keySet().stream().anyMatch(key -> key.startsWith(PeftAdapter.SCALE)),
                Math.toIntExact(ranks.getCount()),
                Math.toIntExact(
                        adapter.tensors().stream().filter(LoraAdapter::isWhole).count())));
    }

    private static float alpha(Metadata metadata) {
        return metadata.get(LoraAdapter.ALPHA)
                .filter(value -> value.type() == MetadataType.FLOAT32)
                .map(value -> (float) value.asDouble())
                .filter(Float::isFinite)
                .orElse(0f);
    }

    /**
     * {@return whether the scale is one that adapters rarely have, so that it may have been lost on the way: alpha is
     * missing, negative, or far from the ranks} A weight that brings it back between the bounds says that somebody has
     * thought of it.
     */
    public boolean isDoubtful() {
        return factored > 0 && !isExact && (alpha == 0 ? weight == 1 : isDoubtful(minScale) || isDoubtful(maxScale));
    }

    private boolean isDoubtful(double scale) {
        return isUnusual(scale) && (weight == 1 || isUnusual(Math.abs(weight * scale)));
    }

    private static boolean isUnusual(double scale) {
        return scale < MIN_USUAL_SCALE || scale > MAX_USUAL_SCALE;
    }
}
