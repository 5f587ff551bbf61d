package io.github.expogguf.convert.gather;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.safetensors.SafetensorsType;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the weights of eight and of four bits are multiplied with: a tensor beside them, of one number, one for each
 * row, or one for each block of rows and columns, whose size config.json says ({@code weight_block_size} of fp8,
 * {@code block_structure} of compressed-tensors).
 */
final class Scales {

    /** Read at once; those of as many weights as are read at once are far fewer. */
    private static final long MOST_READ = 1 << 24;

    private static final String OF_FP8 = "weight_block_size";
    private static final String OF_COMPRESSED_TENSORS = "block_structure";

    private final Checkpoint checkpoint;
    private final Optional<Blocks> blocks;

    /**
     * What config.json says of the blocks that share a scale.
     *
     * @param key   that says it
     * @param sizes along the last axes
     */
    private record Blocks(String key, List<Long> sizes) {}

    Scales(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        this.blocks = blocks(checkpoint.config().orElse(Map.of()));
    }

    /** Sizes of the blocks that share a scale, along the last axes, as far as config.json says them. */
    List<Long> blocks() {
        return blocks.map(Blocks::sizes).orElse(List.of());
    }

    private static Optional<Blocks> blocks(Map<String, @Nullable Object> config) {
        if (!(config.get("quantization_config") instanceof Map<?, ?> quantization)) {
            return Optional.empty();
        }
        Stream<?> groups = quantization.get("config_groups") instanceof Map<?, ?> map
                ? map.values().stream()
                        .map(group -> group instanceof Map<?, ?> values ? values.get("weights") : null)
                        .map(weights -> weights instanceof Map<?, ?> values ? values.get(OF_COMPRESSED_TENSORS) : null)
                : Stream.empty();
        return Stream.concat(
                        sizes(quantization.get(OF_FP8)).map(sizes -> new Blocks(OF_FP8, sizes)).stream(),
                        groups.flatMap(value -> sizes(value).stream())
                                .map(sizes -> new Blocks(OF_COMPRESSED_TENSORS, sizes)))
                .findFirst();
    }

    private static Optional<List<Long>> sizes(@Nullable Object value) {
        return value instanceof List<?> sizes && sizes.stream().allMatch(Scales::isSize)
                ? Optional.of(sizes.stream()
                        .map(size -> Long.valueOf(((JsonNumber) size).text()))
                        .toList())
                : Optional.empty();
    }

    private static boolean isSize(Object value) {
        return value instanceof JsonNumber number && number.text().matches("[0-9]{1,18}");
    }

    /**
     * The scales of some weights that stand one after the other; 1 where they have none.
     *
     * @param first  the first of them
     * @param count  how many, at least 1
     */
    Scale of(StoredWeights weights, long first, long count) throws IOException {
        Optional<SafetensorsTensor> scale = weights.scale();
        if (scale.isEmpty()) {
            return Scale.NONE;
        }
        List<Axis> axes = scale.get().elementCount() == 1 ? List.of() : axes(weights, scale.get());
        long from = index(axes, first, first + count - 1, false);
        long to = index(axes, first, first + count - 1, true);
        if (to - from >= MOST_READ) {
            throw problem(
                    scale.get(),
                    (to - from + 1) + " scales of " + Escape.quote(scale.get().name()) + " for " + count
                            + " weights, expected one for each row or block");
        }
        return new Scale(axes, from, read(scale.get(), from, Math.toIntExact(to - from + 1)));
    }

    /**
     * The number of the first or of the last scale that a range of weights may need: behind the axis at which its ends
     * part, all there are.
     */
    private static long index(List<Axis> axes, long first, long last, boolean isLast) {
        long index = 0;
        long one = first;
        long other = last;
        boolean isCommon = true;
        for (Axis axis : axes) {
            long place = (isLast ? other : one) / axis.stride / axis.block;
            index = index * axis.count + (isCommon ? place : isLast ? axis.count - 1 : 0);
            isCommon &= one / axis.stride == other / axis.stride;
            one %= axis.stride;
            other %= axis.stride;
        }
        return index;
    }

    private float[] read(SafetensorsTensor scale, long first, int count) throws IOException {
        float[] values = new float[count];
        int bytes = scale.type().bits() / Byte.SIZE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate((long) bytes * count);
            checkpoint.read(scale, first * bytes, stored);
            for (int i = 0; i < count; i++) {
                values[i] = scale.type().holdsWeights()
                        ? StoredFloats.decode(scale.type(), stored, i)
                        : powerOfTwo(stored.get(JAVA_BYTE, i) & 0xFF);
            }
        }
        return values;
    }

    /** E8M0 (OCP Microscaling Formats 1.0, 5.4.1). */
    private static float powerOfTwo(int exponent) {
        return exponent == 0xFF ? Float.NaN : Math.scalb(1f, exponent - 127);
    }

    private List<Axis> axes(StoredWeights weights, SafetensorsTensor scale) {
        List<Long> shape = weights.shape();
        List<Long> counts = counts(shape, scale.shape());
        List<Long> sizes = weights.type() == SafetensorsType.F4 ? List.of(StoredWeights.BLOCK_WEIGHTS) : blocks();
        // then one scale for a whole axis is one for its only block, and not one too few
        boolean isOfBlocks = counts.size() == shape.size()
                && IntStream.range(0, shape.size())
                        .anyMatch(axis ->
                                counts.get(axis) != 1 && !counts.get(axis).equals(shape.get(axis)));
        List<Axis> axes = new ArrayList<>();
        long stride = weights.elementCount();
        for (int axis = 0; axis < shape.size(); axis++) {
            long size = shape.get(axis);
            long count = counts.size() == shape.size() ? counts.get(axis) : 0;
            int fromEnd = shape.size() - axis;
            boolean isSaid = fromEnd <= sizes.size();
            long block = count == size
                    ? 1
                    : count == 1 && !(isSaid && isOfBlocks) ? size : isSaid ? sizes.get(sizes.size() - fromEnd) : 0;
            if (block < 1 || Math.ceilDiv(size, block) != count) {
                throw mismatch(weights, scale);
            }
            stride /= Math.max(1, size);
            axes.add(new Axis(stride, size, block, count));
        }
        return axes;
    }

    /** A scale for each row, or of Llama 4's experts, which stand transposed, for each column. */
    private static List<Long> counts(List<Long> weights, List<Long> scale) {
        List<Long> counts = new ArrayList<>(scale);
        while (counts.size() < weights.size()) {
            counts.add(1L);
        }
        if (counts.size() == 3
                && weights.size() == 3
                && counts.get(2) == 1
                && !counts.get(1).equals(weights.get(1))
                && counts.get(1).equals(weights.get(2))) {
            Collections.swap(counts, 1, 2);
        }
        return counts;
    }

    private SafetensorsFormatException mismatch(StoredWeights weights, SafetensorsTensor scale) {
        return problem(
                scale,
                "the scales " + Escape.quote(scale.name()) + " of shape " + scale.shape() + " do not go with "
                        + Escape.quote(weights.tensor().name()) + " of shape " + weights.shape()
                        + ", expected one for all, one for each row, or one for each block, whose size config.json "
                        + blocks.map(said -> "says (" + said.key + " " + said.sizes + ")")
                                .orElse("does not say (" + OF_FP8 + ", or " + OF_COMPRESSED_TENSORS
                                        + " of compressed-tensors)"));
    }

    private SafetensorsFormatException problem(SafetensorsTensor scale, String text) {
        return new SafetensorsFormatException(
                StoredWeights.file(checkpoint, scale),
                -1,
                text
                        + "; are weights, scales and config.json of one download? Else take the folder that it was quantized"
                        + " from");
    }

    /**
     * How the weights along an axis share scales.
     *
     * @param stride distance of two neighbours, in weights
     * @param size   weights along it
     * @param block  of them that share a scale
     * @param count  scales along it
     */
    private record Axis(long stride, long size, long block, long count) {}

    /**
     * Scales by weight.
     *
     * @param axes   of the weights; none where there is one scale for all
     * @param first  number of the first scale that is here
     * @param values the scales
     */
    record Scale(List<Axis> axes, long first, float[] values) {

        static final Scale NONE = new Scale(List.of(), 0, new float[] {1});

        float at(long weight) {
            return values[Math.toIntExact(index(axes, weight, weight, false) - first)];
        }

        /** The weight behind the last one that surely has the same scale. */
        long end(long weight) {
            if (axes.isEmpty()) {
                return Long.MAX_VALUE;
            }
            Axis row = axes.getLast();
            long column = weight % row.size;
            return weight - column + Math.min(row.size, (column / row.block + 1) * row.block);
        }
    }
}
