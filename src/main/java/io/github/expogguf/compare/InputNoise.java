package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.GgmlType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The type that most of the rounding in a difference comes from, and whether there are better files. Of a small step (a
 * thousandth of the weights) of a model trained in F32, F16 files add 0.6 as noise, BF16 2.3, Q8_0 3.2; F16 holds a
 * BF16 checkpoint as good as exactly.
 *
 * @param type what was rounded to
 */
record InputNoise(GgmlType type) {

    static Optional<InputNoise> of(List<TensorDelta> tensors) {
        Map<GgmlType, Double> squares = new EnumMap<>(GgmlType.class);
        for (TensorDelta tensor : tensors) {
            tensor.sftRounding()
                    .ifPresent(type -> add(squares, type, tensor.sums().sftSquares()));
            tensor.alignedRounding()
                    .ifPresent(type -> add(squares, type, tensor.sums().alignedSquares()));
        }
        return squares.entrySet().stream().max(Map.Entry.comparingByValue()).map(most -> new InputNoise(most.getKey()));
    }

    private static void add(Map<GgmlType, Double> squares, GgmlType type, double weights) {
        double error = TypeNoise.relativeError(type);
        squares.merge(type, weights * error * error, Double::sum);
    }

    /** A checkpoint in 16 bits mostly has nothing finer. */
    Weight weight() {
        return type.isQuantized() ? Weight.WARNING : Weight.NOTE;
    }

    String remedy() {
        return switch (type) {
            case BF16 -> "of a BF16 checkpoint there is no better input, of one in F32 there are F32 and F16 files";
            case F16 -> "of an F16 checkpoint there is no better input, of one in F32 there are F32 files";
            case MXFP4, NVFP4 ->
                "unless the models were trained in it, take files in their checkpoints' type: F32, F16 or BF16";
            default -> "take files in their checkpoints' type: F32, F16 or BF16";
        };
    }
}
