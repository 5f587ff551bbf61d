package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Quantizes Q8_0 in plain Java, to the bytes of ggml (block_q8_0 of ggml-common.h, quantize_row_q8_0_ref of
 * ggml-quants.c, ggml 0.25.1): in loops over small arrays, which the compiler turns into SIMD code at once. All else is
 * left to ggml: dequantizing, and chunks that hold what is not in the usual range.
 */
record PlainQ80Codec(RowCodec ggml) implements RowCodec {

    private static final int BLOCK = GgmlType.Q8_0.blockSize();
    private static final int BLOCK_BYTES = GgmlType.Q8_0.blockBytes();
    private static final int MOST = 127;

    /** Blocks of a strip; its arrays stay in the L1 cache. */
    private static final int BLOCKS = 32;

    /** The bits of a float from which on it is not usual. */
    private static final int LIMIT = Float.floatToRawIntBits(WideRowCodec.VALUE_LIMIT);

    @Override
    public GgmlType type() {
        return GgmlType.Q8_0;
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        ggml.dequantize(rowLength, rowCount, source, target);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        long count = RowChecks.quantize(type(), rowLength, rowCount, source, importance, target);
        if (RowChecks.isPresent(importance)) { // of no effect on this type
            GgmlRowCodec.requireUsableImportance(type(), rowLength, importance);
        }
        Strip strip = new Strip();
        long blocks = count / BLOCK;
        for (long first = 0; first < blocks; first += BLOCKS) {
            int size = (int) Math.min(BLOCKS, blocks - first);
            if (!strip.quantize(source, first, size, target)) {
                ggml.quantize(rowLength, rowCount, source, importance, target); // has its own checks and messages
                return;
            }
        }
    }

    /** Room for some blocks that follow each other. */
    private static final class Strip {

        private final float[] values = new float[BLOCKS * BLOCK];
        private final int[] integers = new int[BLOCKS * BLOCK]; // the bits of the values, then the quants
        private final float[] factors = new float[BLOCKS * BLOCK]; // of its block, for every value
        private final byte[] quants = new byte[BLOCKS * BLOCK];
        private final byte[] packed = new byte[BLOCKS * BLOCK_BYTES];

        /** False where a value is not usual. */
        boolean quantize(MemorySegment source, long firstBlock, int blocks, MemorySegment target) {
            int count = blocks * BLOCK;
            long offset = firstBlock * BLOCK * Float.BYTES;
            MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, offset, values, 0, count);
            MemorySegment.copy(source, JAVA_INT_UNALIGNED, offset, integers, 0, count);
            clearSigns(integers, count);
            for (int block = 0; block < blocks; block++) {
                if (!scale(block)) {
                    return false;
                }
            }
            round(values, factors, integers, count);
            narrow(integers, quants, count);
            for (int block = 0; block < blocks; block++) {
                System.arraycopy(quants, block * BLOCK, packed, block * BLOCK_BYTES + Short.BYTES, BLOCK);
            }
            MemorySegment.copy(packed, 0, target, JAVA_BYTE, firstBlock * BLOCK_BYTES, blocks * BLOCK_BYTES);
            return true;
        }

        private boolean scale(int block) {
            int magnitude = largest(integers, block * BLOCK); // of positive floats the bits rise with the number
            float d = Float.intBitsToFloat(magnitude) / MOST;
            float factor = d != 0 ? 1 / d : 0;
            if (magnitude >= LIMIT || factor == Float.POSITIVE_INFINITY) {
                return false;
            }
            Arrays.fill(factors, block * BLOCK, (block + 1) * BLOCK, factor);
            short half = Float.floatToFloat16(d);
            packed[block * BLOCK_BYTES] = (byte) half;
            packed[block * BLOCK_BYTES + 1] = (byte) (half >>> Byte.SIZE);
            return true;
        }

        private static void clearSigns(int[] bits, int count) {
            for (int i = 0; i < count; i++) {
                bits[i] &= Integer.MAX_VALUE;
            }
        }

        private static int largest(int[] magnitudes, int start) {
            int largest = 0;
            for (int i = start; i < start + BLOCK; i++) {
                largest = Math.max(largest, magnitudes[i]);
            }
            return largest;
        }

        /** Halves away from 0, as {@code roundf}: the fraction is exact, and so is twice of it. */
        private static void round(float[] values, float[] factors, int[] quants, int count) {
            for (int i = 0; i < count; i++) {
                float quotient = values[i] * factors[i];
                int towardsZero = (int) quotient;
                quants[i] = towardsZero + (int) (2 * (quotient - towardsZero));
            }
        }

        private static void narrow(int[] quants, byte[] bytes, int count) {
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) quants[i];
            }
        }
    }
}
