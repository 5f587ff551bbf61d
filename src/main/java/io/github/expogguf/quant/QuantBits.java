package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where blocks of equidistant values keep the integers that count the distances ({@code dequantize_row_*} of
 * ggml-quants.c, ggml 0.25.1). Everything else in a block says where the values begin and how far apart they are.
 */
final class QuantBits {

    private static final ValueLayout.OfInt FOUR_BYTES = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private QuantBits() {}

    /** How many values a weight can have in a block; 0 for types whose values are not equidistant. */
    static int levels(GgmlType type) {
        return switch (type) {
            case Q8_0 -> 255; // -127 to 127, as its quantizer has it
            case Q6_K -> 64;
            case Q5_0, Q5_1, Q5_K -> 32;
            case Q4_0, Q4_1, Q4_K -> 16;
            case Q3_K -> 8;
            case Q2_K -> 4;
            case F32, F16, BF16, F64, I8, I16, I32, I64, Q8_1, Q8_K -> 0;
            case IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, IQ1_M -> 0;
            case TQ1_0, TQ2_0, MXFP4, NVFP4, Q1_0, Q2_0 -> 0;
        };
    }

    /** The integer of the value 0 in a block without an offset; in one with an offset, the lowest. */
    static int ofZero(GgmlType type) {
        return switch (type) {
            case Q8_0 -> 127;
            case Q6_K -> 32;
            case Q5_0 -> 16;
            case Q4_0 -> 8;
            case Q3_K -> 4;
            default -> 0;
        };
    }

    /**
     * Replaces the integers of one block.
     *
     * @param at     where the block begins
     * @param quants one for each weight of the block, 0 for the lowest value, below {@link #levels}
     */
    static void put(GgmlType type, MemorySegment packed, long at, int[] quants) {
        switch (type) {
            case Q8_0 -> putBytes(packed, at + 2, quants);
            case Q4_0 -> putHalves(packed, at + 2, quants);
            case Q4_1 -> putHalves(packed, at + 4, quants);
            case Q5_0 -> putFifths(packed, at + 2, quants);
            case Q5_1 -> putFifths(packed, at + 4, quants);
            case Q2_K -> putPairs(packed, at + 16, quants);
            case Q3_K -> {
                putPairs(packed, at + 32, quants);
                putHighBits(packed, at, quants, 2);
            }
            case Q4_K -> putNibbles(packed, at + 16, quants);
            case Q5_K -> {
                putHighBits(packed, at + 16, quants, 4);
                putNibbles(packed, at + 48, quants);
            }
            case Q6_K -> putSixBits(packed, at, quants);
            default -> throw new IllegalArgumentException(type + " has no equidistant values");
        }
    }

    private static void putBytes(MemorySegment packed, long at, int[] quants) {
        for (int i = 0; i < 32; i++) {
            packed.set(JAVA_BYTE, at + i, (byte) (quants[i] - 127));
        }
    }

    /** Weight i in the low half of byte i, weight i + 16 in its high half. */
    private static void putHalves(MemorySegment packed, long at, int[] quants) {
        for (int i = 0; i < 16; i++) {
            packed.set(JAVA_BYTE, at + i, (byte) ((quants[i] & 15) | (quants[i + 16] & 15) << 4));
        }
    }

    /** The fifth bits of all weights before the halves. */
    private static void putFifths(MemorySegment packed, long at, int[] quants) {
        int high = 0;
        for (int i = 0; i < 32; i++) {
            high |= (quants[i] >> 4 & 1) << i;
        }
        packed.set(FOUR_BYTES, at, high);
        putHalves(packed, at + 4, quants);
    }

    /** Two bits each: byte l of a half block holds its weights l, l + 32, l + 64 and l + 96. */
    private static void putPairs(MemorySegment packed, long at, int[] quants) {
        for (int half = 0; half < 2; half++) {
            for (int l = 0; l < 32; l++) {
                int first = 128 * half + l;
                packed.set(JAVA_BYTE, at + 32 * half + l, (byte) ((quants[first] & 3)
                        | (quants[first + 32] & 3) << 2
                        | (quants[first + 64] & 3) << 4
                        | (quants[first + 96] & 3) << 6));
            }
        }
    }

    /** Four bits each: byte l of a quarter block holds its weights l and l + 32. */
    private static void putNibbles(MemorySegment packed, long at, int[] quants) {
        for (int quarter = 0; quarter < 4; quarter++) {
            for (int l = 0; l < 32; l++) {
                int first = 64 * quarter + l;
                packed.set(JAVA_BYTE, at + 32 * quarter + l, (byte)
                        ((quants[first] & 15) | (quants[first + 32] & 15) << 4));
            }
        }
    }

    /** One bit each: bit k of byte l belongs to weight 32 k + l. */
    private static void putHighBits(MemorySegment packed, long at, int[] quants, int bit) {
        for (int l = 0; l < 32; l++) {
            int bits = 0;
            for (int k = 0; k < 8; k++) {
                bits |= (quants[32 * k + l] >> bit & 1) << k;
            }
            packed.set(JAVA_BYTE, at + l, (byte) bits);
        }
    }

    /**
     * Of a half block 64 bytes of low nibbles, weights l and l + 64 in one; and behind those of both, 32 bytes of high
     * pairs.
     */
    private static void putSixBits(MemorySegment packed, long at, int[] quants) {
        for (int half = 0; half < 2; half++) {
            int first = 128 * half;
            for (int l = 0; l < 64; l++) {
                packed.set(JAVA_BYTE, at + 64 * half + l, (byte)
                        ((quants[first + l] & 15) | (quants[first + l + 64] & 15) << 4));
            }
            for (int l = 0; l < 32; l++) {
                int pairs = quants[first + l] >> 4
                        | quants[first + l + 32] >> 4 << 2
                        | quants[first + l + 64] >> 4 << 4
                        | quants[first + l + 96] >> 4 << 6;
                packed.set(JAVA_BYTE, at + 128 + 32 * half + l, (byte) pairs);
            }
        }
    }
}
