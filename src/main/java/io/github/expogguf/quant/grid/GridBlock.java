package io.github.expogguf.quant.grid;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.unpack.WideUnpackGrid;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A super-block of a codebook type before it is packed (block_iq2_xxs to block_iq3_s of ggml-common.h, ggml 0.25.1; the
 * layouts are drawn in {@link WideUnpackGrid}).
 *
 * @param numbers of points in the codebook
 * @param signs   of eight values each, the first one's lowest
 * @param scales  of sub-blocks, 4 bits
 */
record GridBlock(GgmlType type, int[] numbers, int[] signs, int[] scales) {

    private static final ValueLayout.OfInt FOUR_BYTES =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static GridBlock of(GgmlType type, int dimension, int subBlocks) {
        int length = BlockQuantizer.SUPER_BLOCK;
        return new GridBlock(type, new int[length / dimension], new int[length / 8], new int[subBlocks]);
    }

    /** Writes all but the scale of the super-block, which comes first. */
    void pack(MemorySegment target, long offset) {
        long start = offset + Short.BYTES;
        switch (type) {
            case IQ2_XXS -> {
                packLower(4, target, start, 8);
                packEvenSigns(target, start + 4, 8);
            }
            case IQ2_XS -> {
                for (int i = 0; i < numbers.length; i++) {
                    target.set(Lanes.HALF, start + 2L * i, (short) (numbers[i] | signs[i] << 9));
                }
                packScales(target, start + 64);
            }
            case IQ2_S -> {
                packLower(numbers.length, target, start, 0);
                packSigns(target, start + 32);
                packUpper(2, target, start + 64);
                packScales(target, start + 72);
            }
            case IQ3_XXS -> {
                packLower(numbers.length, target, start, 0);
                packEvenSigns(target, start + 64, 4);
            }
            case IQ3_S -> {
                packLower(numbers.length, target, start, 0);
                packUpper(1, target, start + 64);
                packSigns(target, start + 72);
                packScales(target, start + 104);
            }
            default -> throw new IllegalStateException(type + " has no codebook of this kind");
        }
    }

    /** Some numbers together, then those of the next sub-block at a distance. */
    private void packLower(int together, MemorySegment target, long offset, int distance) {
        for (int i = 0; i < numbers.length; i++) {
            target.set(JAVA_BYTE, offset + i / together * distance + i % together, (byte) numbers[i]);
        }
    }

    private void packUpper(int bits, MemorySegment target, long offset) {
        int inByte = 8 / bits;
        for (int i = 0; i < numbers.length; i += inByte) {
            int packed = 0;
            for (int j = 0; j < inByte; j++) {
                packed |= numbers[i + j] >> 8 << (bits * j);
            }
            target.set(JAVA_BYTE, offset + i / inByte, (byte) packed);
        }
    }

    private void packSigns(MemorySegment target, long offset) {
        for (int i = 0; i < signs.length; i++) {
            target.set(JAVA_BYTE, offset + i, (byte) signs[i]);
        }
    }

    /** Seven signs of eight, four times, and a scale. */
    private void packEvenSigns(MemorySegment target, long offset, int distance) {
        for (int i = 0; i < scales.length; i++) {
            int packed = scales[i] << 28;
            for (int j = 0; j < 4; j++) {
                packed |= signs[4 * i + j] << (7 * j);
            }
            target.set(FOUR_BYTES, offset + (long) i * distance, packed);
        }
    }

    private void packScales(MemorySegment target, long offset) {
        for (int i = 0; i < scales.length; i += 2) {
            target.set(JAVA_BYTE, offset + i / 2, (byte) (scales[i] | scales[i + 1] << 4));
        }
    }
}
