package io.github.expogguf.quant.simple;

import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The blocks of 32 values of Q4_0, Q4_1, Q5_0 and Q5_1 (block_q4_0 to block_q5_1 of ggml-common.h, ggml 0.25.1).
 *
 * <pre>
 * bytes | meaning
 * 2     | d, half, scale
 * 2     | m, half, minimum; not in Q4_0 and Q5_0
 * 4     | upper bits of the quants; not in Q4_0 and Q4_1
 * 16    | lower 4 bits of the quants; a byte holds those of one below, those of the 16th after it above
 * </pre>
 */
final class SimpleBlock {

    /** Values of a block. */
    static final int LENGTH = 32;

    private static final ValueLayout.OfInt UPPER_BITS = JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int LOWER = 15;

    /** The largest quant. */
    final int most;

    /** Of a block. */
    final int bytes;

    private final int lowerOffset;

    SimpleBlock(GgmlType type) {
        this.most = type == GgmlType.Q4_0 || type == GgmlType.Q4_1 ? LOWER : 31;
        this.bytes = type.blockBytes();
        this.lowerOffset = bytes - LENGTH / 2;
    }

    /**
     * Writes the quants of a block, {@code (value - min) * factor + shift} without its fraction; none is negative.
     *
     * @param offset       bytes before the first of the values
     * @param targetOffset bytes before the block
     */
    void quantize(
            MemorySegment values,
            long offset,
            float min,
            float factor,
            float shift,
            MemorySegment target,
            long targetOffset) {
        int upperBits = 0;
        for (int i = 0; i < LENGTH / 2; i += LANES) {
            FloatVector x = Lanes.load(values, offset + (long) i * Float.BYTES);
            FloatVector y = Lanes.load(values, offset + (LENGTH / 2L + i) * Float.BYTES);
            IntVector a = (IntVector) x.sub(min).mul(factor).add(shift).convert(F2I, 0);
            IntVector b = (IntVector) y.sub(min).mul(factor).add(shift).convert(F2I, 0);
            a = a.min(most);
            b = b.min(most);
            storeLower(a, b, i, target, targetOffset);
            if (most > LOWER) {
                upperBits |= upperBits(a, b, i);
            }
        }
        if (most > LOWER) {
            storeUpper(upperBits, target, targetOffset);
        }
    }

    /** Writes the quants of a block, the integers nearest to {@code (value - min) * factor}, counted from a middle. */
    void round(
            MemorySegment values,
            long offset,
            float min,
            float factor,
            int middle,
            MemorySegment target,
            long targetOffset) {
        int upperBits = 0;
        for (int i = 0; i < LENGTH / 2; i += LANES) {
            FloatVector x = Lanes.load(values, offset + (long) i * Float.BYTES);
            FloatVector y = Lanes.load(values, offset + (LENGTH / 2L + i) * Float.BYTES);
            IntVector a = Lanes.nearestInt(x.sub(min).mul(factor), -middle, most - middle)
                    .add(middle);
            IntVector b = Lanes.nearestInt(y.sub(min).mul(factor), -middle, most - middle)
                    .add(middle);
            storeLower(a, b, i, target, targetOffset);
            if (most > LOWER) {
                upperBits |= upperBits(a, b, i);
            }
        }
        if (most > LOWER) {
            storeUpper(upperBits, target, targetOffset);
        }
    }

    private void storeLower(IntVector a, IntVector b, int i, MemorySegment target, long targetOffset) {
        Lanes.storeBytes(a.and(LOWER).or(b.lanewise(LSHL, 4)), target, targetOffset + lowerOffset + i);
    }

    private static int upperBits(IntVector a, IntVector b, int i) {
        return (int) (a.compare(GT, LOWER).toLong() | b.compare(GT, LOWER).toLong() << (LENGTH / 2)) << i;
    }

    private void storeUpper(int upperBits, MemorySegment target, long targetOffset) {
        target.set(UPPER_BITS, targetOffset + lowerOffset - Integer.BYTES, upperBits);
    }
}
