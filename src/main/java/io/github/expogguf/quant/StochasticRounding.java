package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.Finite;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Adds steps to weights that are rounded already, so that the sum stays on the grid of their type and yet is right in
 * the mean: a step of a tenth of the distance between two values moves every tenth weight to the next value, at random.
 * Steps that are as large as the distance arrive as they are. The scales of blocks stay those of the weights before the
 * step, so that a weight at the end of its block's range cannot go further out; that is the one exception to the mean.
 *
 * <p>What is random follows from the seed, the name of the tensor and the number of the weight in it: the same for any
 * cut of the tensor into pieces, on any thread.
 */
public final class StochasticRounding {

    private final ElementRandom random;

    /** The rounding of one tensor. */
    public StochasticRounding(long seed, String tensor) {
        this.random = new ElementRandom(seed, tensor);
    }

    /** Whether the values of a type are equidistant in each block, or numbers that have neighbours. */
    public static boolean isSupported(GgmlType type) {
        return HalfNeighbours.isSupported(type) || type == GgmlType.F32 || QuantBits.levels(type) > 0;
    }

    /** The supported types, for messages. */
    public static String supportedTypes() {
        return Arrays.stream(GgmlType.values())
                .filter(StochasticRounding::isSupported)
                .map(GgmlType::toString)
                .collect(Collectors.joining(", "));
    }

    /**
     * Adds steps to packed rows.
     *
     * @param type         type of the rows, {@linkplain #isSupported supported}
     * @param rowLength    elements of a row, a multiple of the block size
     * @param rowCount     rows
     * @param firstElement number of the first element in its tensor
     * @param aligned      {@code rowCount * rowLength} floats, native, that the rows were quantized from
     * @param extrapolated as many, where the steps lead
     * @param packed       the rows, native; the result replaces them
     * @throws IllegalArgumentException if the row length does not fit the type or a segment is too small
     * @throws NonFiniteException if a result is infinite or NaN, or too large for the type
     */
    public void add(
            GgmlType type,
            long rowLength,
            long rowCount,
            long firstElement,
            MemorySegment aligned,
            MemorySegment extrapolated,
            MemorySegment packed) {
        long count = RowChecks.quantize(type, rowLength, rowCount, aligned, MemorySegment.NULL, packed);
        RowChecks.quantize(type, rowLength, rowCount, extrapolated, MemorySegment.NULL, packed);
        RowChecks.finite(type, Finite.countNonFinite(extrapolated, count), count);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment base = floats(arena, count);
            RowCodec codec = RowCodecs.of(type);
            codec.dequantize(rowLength, rowCount, packed, base);
            if (type == GgmlType.F32) {
                MemorySegment.copy(extrapolated, 0, packed, 0, Float.BYTES * count);
            } else if (HalfNeighbours.isSupported(type)) {
                addToHalves(type, count, firstElement, aligned, extrapolated, base, packed);
            } else {
                MemorySegment lowest = floats(arena, count);
                MemorySegment next = floats(arena, count);
                MemorySegment rows = packed.asSlice(0, type.rowBytes(rowLength) * rowCount);
                putEverywhere(type, rows, 0);
                codec.dequantize(rowLength, rowCount, packed, lowest);
                putEverywhere(type, rows, 1);
                codec.dequantize(rowLength, rowCount, packed, next);
                addToBlocks(type, count, firstElement, aligned, extrapolated, base, lowest, next, packed);
            }
        }
    }

    private static MemorySegment floats(Arena arena, long count) {
        return arena.allocate(Float.BYTES * count, 64);
    }

    private static void putEverywhere(GgmlType type, MemorySegment packed, int quant) {
        int[] quants = new int[type.blockSize()];
        Arrays.fill(quants, quant);
        for (long at = 0; at < packed.byteSize(); at += type.blockBytes()) {
            QuantBits.put(type, packed, at, quants);
        }
    }

    private void addToBlocks(
            GgmlType type,
            long count,
            long firstElement,
            MemorySegment aligned,
            MemorySegment extrapolated,
            MemorySegment base,
            MemorySegment lowest,
            MemorySegment next,
            MemorySegment packed) {
        int[] quants = new int[type.blockSize()];
        int most = QuantBits.levels(type) - 1;
        for (long first = 0; first < count; first += quants.length) {
            for (int i = 0; i < quants.length; i++) {
                long at = first + i;
                double from = lowest.getAtIndex(JAVA_FLOAT, at);
                double distance = next.getAtIndex(JAVA_FLOAT, at) - from;
                if (distance == 0) {
                    quants[i] = QuantBits.ofZero(type);
                } else {
                    double step = (double) extrapolated.getAtIndex(JAVA_FLOAT, at) - aligned.getAtIndex(JAVA_FLOAT, at);
                    double moved = Math.rint((base.getAtIndex(JAVA_FLOAT, at) - from) / distance)
                            + Math.floor(step / distance + random.at(firstElement + at));
                    quants[i] = (int) Math.clamp(moved, 0, most);
                }
            }
            QuantBits.put(type, packed, first / quants.length * type.blockBytes(), quants);
        }
    }

    private void addToHalves(
            GgmlType type,
            long count,
            long firstElement,
            MemorySegment aligned,
            MemorySegment extrapolated,
            MemorySegment base,
            MemorySegment packed) {
        HalfNeighbours halves = new HalfNeighbours(type);
        for (long at = 0; at < count; at++) {
            double step = (double) extrapolated.getAtIndex(JAVA_FLOAT, at) - aligned.getAtIndex(JAVA_FLOAT, at);
            halves.put(packed, at, base.getAtIndex(JAVA_FLOAT, at) + step, random.at(firstElement + at));
        }
    }
}
