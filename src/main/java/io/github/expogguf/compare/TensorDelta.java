package io.github.expogguf.compare;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The difference of one tensor.
 *
 * @param sft          the tensor in the SFT model; of several, that with the fewest bits per weight
 * @param aligned      the tensor in the aligned model
 * @param sums         over all of its weights
 * @param median       half of the deltas are smaller, to half a power of two
 * @param p99          99 of 100 are
 * @param noise        root mean square of the rounding that both inputs' types have brought into the delta, at most;
 *                     see {@link TypeNoise}
 * @param sftRounding what the SFT model's weights were rounded to: its type, or BF16 where F16 or F32 holds nothing
 *                     finer; empty where they are as trained ({@link TrainedTypes}) or not rounded at all
 * @param alignedRounding the same of the aligned model
 * @param rankOneShare share of the delta's energy in its first singular direction, on a sample of rows; empty for
 *                     vectors and where nothing changed
 */
public record TensorDelta(
        TensorInfo sft,
        TensorInfo aligned,
        DeltaSums sums,
        float median,
        float p99,
        double noise,
        Optional<GgmlType> sftRounding,
        Optional<GgmlType> alignedRounding,
        OptionalDouble rankOneShare) {
    /** Refuses null. */
    public TensorDelta {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(sums, "sums");
        Objects.requireNonNull(sftRounding, "sftRounding");
        Objects.requireNonNull(alignedRounding, "alignedRounding");
        Objects.requireNonNull(rankOneShare, "rankOneShare");
    }

    /** {@return the name of the tensor} */
    public String name() {
        return aligned.name();
    }

    /** The sums over tensors. */
    static DeltaSums total(List<TensorDelta> tensors) {
        return tensors.stream().map(TensorDelta::sums).reduce(DeltaSums.NONE, DeltaSums::plus);
    }

    /** The root mean square of the rounding in the deltas of tensors, at most. */
    static double noise(List<TensorDelta> tensors) {
        double squares = 0;
        for (TensorDelta tensor : tensors) {
            squares += tensor.noise() * tensor.noise() * tensor.sums().elements();
        }
        return Math.sqrt(squares / Math.max(1, total(tensors).elements()));
    }
}
