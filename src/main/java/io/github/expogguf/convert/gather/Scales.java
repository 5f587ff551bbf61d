package io.github.expogguf.convert.gather;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.safetensors.SafetensorsType;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the weights of eight bits are multiplied with: a tensor beside them, of one number, one for each row, or one for
 * each block of rows and columns ({@code weight_block_size} of config.json).
 */
public final class Scales {

    private static final List<String> SUFFIXES = List.of("_scale_inv", "_scale");

    private final Checkpoint checkpoint;
    private final List<Long> blocks; // of the last axes

    Scales(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        this.blocks = blocks(checkpoint.config().orElse(Map.of()));
    }

    private static List<Long> blocks(Map<String, @Nullable Object> config) {
        return config.get("quantization_config") instanceof Map<?, ?> quantization
                        && quantization.get("weight_block_size") instanceof List<?> sizes
                        && sizes.stream().allMatch(JsonNumber.class::isInstance)
                ? sizes.stream()
                        .map(size -> ((JsonNumber) size).decimal().longValue())
                        .toList()
                : List.of();
    }

    /** The tensor with the scales of another one. */
    public static Optional<SafetensorsTensor> tensor(Checkpoint checkpoint, SafetensorsTensor weights) {
        return is8Bit(weights)
                ? SUFFIXES.stream()
                        .map(suffix -> checkpoint.tensors().get(weights.name() + suffix))
                        .filter(tensor -> tensor != null)
                        .findFirst()
                : Optional.empty();
    }

    private static boolean is8Bit(SafetensorsTensor weights) {
        return weights.type() == SafetensorsType.F8_E4M3 || weights.type() == SafetensorsType.F8_E5M2;
    }

    /** The scales of one tensor, 1 where it has none. */
    Scale of(SafetensorsTensor weights) throws IOException {
        Optional<SafetensorsTensor> tensor = tensor(checkpoint, weights);
        return tensor.isEmpty() ? Scale.NONE : scale(weights, tensor.get());
    }

    private Scale scale(SafetensorsTensor weights, SafetensorsTensor tensor) throws IOException {
        if (!tensor.type().holdsWeights() || tensor.elementCount() == 0) {
            throw new UnsupportedTypeException(file(tensor) + ": tensor " + Escape.quote(tensor.name())
                    + " with the scales of "
                    + Escape.quote(weights.name()) + " is of type " + tensor.type() + " and shape " + tensor.shape()
                    + ", expected floats (F32, F16, BF16, F64)");
        }
        float[] values = new float[Math.toIntExact(tensor.elementCount())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(tensor.bytes());
            checkpoint.read(tensor, 0, stored);
            for (int i = 0; i < values.length; i++) {
                values[i] = StoredFloats.decode(tensor.type(), stored, i);
            }
        }
        if (values.length == 1) {
            return new Scale(List.of(), List.of(), List.of(), values);
        }
        List<Long> shape = new ArrayList<>(tensor.shape());
        while (shape.size() < weights.shape().size()) {
            shape.add(1L);
        }
        List<Long> sizes = new ArrayList<>();
        for (int axis = 0; axis < weights.shape().size(); axis++) {
            sizes.add(block(weights, tensor, axis, shape));
        }
        return new Scale(weights.shape(), sizes, shape, values);
    }

    private String file(SafetensorsTensor tensor) {
        return checkpoint.files().get(tensor.file()).path().getFileName().toString();
    }

    private long block(SafetensorsTensor weights, SafetensorsTensor scale, int axis, List<Long> shape) {
        long size = weights.shape().get(axis);
        long count = shape.size() == weights.shape().size() ? shape.get(axis) : 0;
        int fromEnd = weights.shape().size() - axis;
        long block = count == size
                ? 1
                : count == 1 ? size : fromEnd <= blocks.size() ? blocks.get(blocks.size() - fromEnd) : 0;
        if (block < 1 || Math.ceilDiv(size, block) != count) {
            throw new ModelMismatchException(
                    file(scale) + ": the scales " + Escape.quote(scale.name()) + " of shape " + scale.shape()
                            + " do not go with "
                            + Escape.quote(weights.name()) + " of shape " + weights.shape()
                            + ", expected one for all, one for each row, or one for each block of weight_block_size "
                            + (blocks.isEmpty() ? "(which config.json does not say)" : blocks),
                    List.of());
        }
        return block;
    }

    /**
     * Scales by element.
     *
     * @param shape  of the weights; empty where there is one scale for all
     * @param blocks elements of each axis that share a scale
     * @param counts scales along each axis
     * @param values the scales
     */
    record Scale(List<Long> shape, List<Long> blocks, List<Long> counts, float[] values) {

        static final Scale NONE = new Scale(List.of(), List.of(), List.of(), new float[] {1});

        float at(long element) {
            long rest = element;
            long index = 0;
            long stride = 1;
            for (int axis = shape.size() - 1; axis >= 0; axis--) {
                index += rest % shape.get(axis) / blocks.get(axis) * stride;
                rest /= shape.get(axis);
                stride *= counts.get(axis);
            }
            return values[(int) index];
        }
    }
}
