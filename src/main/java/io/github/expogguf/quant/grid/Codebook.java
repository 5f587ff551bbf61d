package io.github.expogguf.quant.grid;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The points that a type's numbers stand for ({@code iq2xxs_grid} and its kin in ggml-common.h), read from ggml itself
 * by dequantizing blocks with one number each.
 *
 * @param entries  points
 * @param length   coordinates of a point
 * @param highByte byte of a block that holds the upper bits of the first number in its lowest bits
 * @param smallest what ggml multiplies a point with when the scale of the block is 1 and that of the sub-block 0
 */
public record Codebook(GgmlType type, int entries, int length, int highByte, float smallest) {

    /** 1 as a half; a block begins with its scale, and the lower 8 bits of the first number follow. */
    private static final short ONE = 0x3c00;

    private static final int LOW_BYTE = Short.BYTES;

    public static Codebook of(GgmlType type) {
        return switch (type) {
            case IQ2_XXS -> new Codebook(type, 256, 8, LOW_BYTE, 0.125f);
            case IQ2_XS -> new Codebook(type, 512, 8, LOW_BYTE + 1, 0.125f);
            case IQ2_S -> new Codebook(type, 1024, 8, LOW_BYTE + 64, 0.125f);
            case IQ3_XXS -> new Codebook(type, 256, 4, LOW_BYTE, 0.25f);
            case IQ3_S -> new Codebook(type, 512, 4, LOW_BYTE + 64, 1f);
            default -> throw new IllegalArgumentException(type + " has no codebook of this kind");
        };
    }

    /** All points, one after another. */
    public float[] read() {
        float[] points = new float[entries * length]; // [entries, length]
        MemorySegment toFloat = GgmlCalls.toFloat(type);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(type.blockBytes(), Short.BYTES);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, type.blockSize());
            block.set(Lanes.HALF, 0, ONE);
            for (int entry = 0; entry < entries; entry++) {
                block.set(JAVA_BYTE, highByte, (byte) (entry >> Byte.SIZE));
                block.set(JAVA_BYTE, LOW_BYTE, (byte) entry);
                GgmlCalls.dequantize(toFloat, block, floats, type.blockSize());
                for (int i = 0; i < length; i++) {
                    points[entry * length + i] = floats.getAtIndex(JAVA_FLOAT, i) / smallest;
                }
            }
        }
        return points;
    }
}
