package io.github.expogguf.quant.cases;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Rows to be quantized.
 *
 * @param values     {@code rowCount * rowLength} floats
 * @param importance {@code rowLength} floats, or none
 */
public record QuantizeCase(GgmlType type, int rowLength, int rowCount, float[] values, Optional<float[]> importance) {

    /** What a codec makes of a case. */
    public sealed interface Outcome {

        /** The target, and whether the bytes around it are as they were. */
        record Packed(byte[] bytes, boolean isIntact) implements Outcome {}

        /** Values or importance do not fit the type. */
        record Refused() implements Outcome {}

        /** Any other exception: a defect. */
        record Failed(RuntimeException cause) implements Outcome {}

        /** Whether this is as good as what ggml makes of the case. */
        default boolean agreesWith(Outcome ggml) {
            return switch (this) {
                case Packed(byte[] bytes, boolean isIntact) ->
                    isIntact && ggml instanceof Packed(byte[] expected, boolean _) && Arrays.equals(bytes, expected);
                case Refused _ -> ggml instanceof Refused;
                case Failed _ -> false;
            };
        }
    }

    public int rowBlocks() {
        return rowLength / type.blockSize();
    }

    public long blocks() {
        return (long) rowBlocks() * rowCount;
    }

    public Outcome quantizedBy(RowCodec codec) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_FLOAT, values);
            MemorySegment weights = importance
                    .map(floats -> arena.allocateFrom(JAVA_FLOAT, floats))
                    .orElse(MemorySegment.NULL);
            Bits.Guarded target = Bits.Guarded.allocate(arena, type.rowBytes(rowLength) * rowCount);
            codec.quantize(rowLength, rowCount, source, weights, target.inner());
            return new Outcome.Packed(target.inner().toArray(JAVA_BYTE), target.isIntact());
        } catch (NonFiniteException | UnsupportedTypeException e) {
            return new Outcome.Refused();
        } catch (RuntimeException e) {
            return new Outcome.Failed(e);
        }
    }

    QuantizeCase withImportance(Optional<float[]> other) {
        return new QuantizeCase(type, rowLength, rowCount, values, other);
    }

    QuantizeCase withValues(float[] others) {
        return new QuantizeCase(type, rowLength, rowCount, others, importance);
    }

    /** Leaves some rows out. */
    QuantizeCase withoutRows(int from, int to) {
        int rest = rowCount - (to - from);
        return new QuantizeCase(type, rowLength, rest, without(values, from * rowLength, to * rowLength), importance);
    }

    /** Leaves some blocks out of every row, and their importance. */
    QuantizeCase withoutBlocks(int from, int to) {
        int first = from * type.blockSize();
        int last = to * type.blockSize();
        int rest = rowLength - (last - first);
        float[] others = new float[rest * rowCount];
        for (int row = 0; row < rowCount; row++) {
            float[] old = Arrays.copyOfRange(values, row * rowLength, (row + 1) * rowLength);
            System.arraycopy(without(old, first, last), 0, others, row * rest, rest);
        }
        return new QuantizeCase(type, rest, rowCount, others, importance.map(floats -> without(floats, first, last)));
    }

    private static float[] without(float[] floats, int from, int to) {
        float[] rest = Arrays.copyOf(floats, floats.length - (to - from));
        System.arraycopy(floats, to, rest, from, floats.length - to);
        return rest;
    }
}
