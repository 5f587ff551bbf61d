package io.github.expogguf.quant.unpack;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.expogguf.quant.grid.Codebook;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S, in the order of operations of {@code dequantize_row_iq2_xxs} and its kin
 * (ggml-quants.c, ggml 0.25.1): eight floats are a scale times a point of a {@link Codebook}, or two, with signs.
 *
 * @param points of the codebook
 */
public record WideUnpackGrid(float[] points) {

    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;

    /** Eight lanes, or four twice. */
    private static final VectorSpecies<Float> EIGHT = Lanes.LANES < 8 ? FOUR : FloatVector.SPECIES_256;

    private static final VectorSpecies<Integer> FOUR_INTS = IntVector.SPECIES_128;
    private static final VectorSpecies<Integer> EIGHT_INTS = Lanes.LANES < 8 ? FOUR_INTS : IntVector.SPECIES_256;

    private static final int GROUP = 8;
    private static final int GROUPS = 4; // in 32 floats, which share a scale or two
    private static final long GROUP_BYTES = (long) GROUP * Float.BYTES;

    private static final int[] SIGN_BITS = signBits(); // [256, 8]

    private static int[] signBits() {
        int[] signs = new int[256 * GROUP];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = ((i / GROUP) >> i % GROUP & 1) << 31;
        }
        return signs;
    }

    // block_iq2_xxs, 66 bytes: half d | 8 times (4 numbers of 8 bits | 4 times 7 signs, scale of 4 bits)
    public void iq2Xxs(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 66;
            float d = Unpacking.half(packed, start);
            for (int sub = 0; sub < 8; sub++) {
                int numbers = start + 2 + sub * 8;
                int signs = Unpacking.fourBytes(packed, numbers + 4);
                float scale = d * (0.5f + (signs >>> 28)) * 0.25f;
                long offset = targetOffset + block * 1024L + sub * 128L;
                for (int group = 0; group < GROUPS; group++) {
                    int point = packed[numbers + group] & 0xff;
                    store8(point, scale, evenSigns(signs >>> (7 * group)), target, offset + group * GROUP_BYTES);
                }
            }
        }
    }

    // block_iq2_xs, 74 bytes: half d | 32 shorts of a number of 9 bits and 7 signs | 8 times two scales of 4 bits
    public void iq2Xs(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 74;
            float d = Unpacking.half(packed, start);
            for (int sub = 0; sub < 8; sub++) {
                int scales = packed[start + 66 + sub];
                long offset = targetOffset + block * 1024L + sub * 128L;
                for (int group = 0; group < GROUPS; group++) {
                    int number = Unpacking.twoBytes(packed, start + 2 + sub * 8 + group * 2);
                    float scale = d * (0.5f + (scales >> (group / 2 * 4) & 0xf)) * 0.25f;
                    store8(number & 511, scale, evenSigns(number >>> 9), target, offset + group * GROUP_BYTES);
                }
            }
        }
    }

    // block_iq2_s, 82 bytes: half d | 32 of numbers | 32 of signs | 8 of upper 2 bits of numbers | 8 times two scales
    public void iq2S(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 82;
            float d = Unpacking.half(packed, start);
            for (int sub = 0; sub < 8; sub++) {
                int upper = packed[start + 66 + sub];
                int scales = packed[start + 74 + sub];
                int numbers = start + 2 + sub * GROUPS;
                long offset = targetOffset + block * 1024L + sub * 128L;
                for (int group = 0; group < GROUPS; group++) {
                    int point = (packed[numbers + group] & 0xff) | (upper >> (2 * group) & 3) << 8;
                    float scale = d * (0.5f + (scales >> (group / 2 * 4) & 0xf)) * 0.25f;
                    int signs = packed[numbers + 32 + group] & 0xff;
                    store8(point, scale, signs, target, offset + group * GROUP_BYTES);
                }
            }
        }
    }

    // block_iq3_xxs, 98 bytes: half d | 64 numbers of 8 bits | 8 times (4 times 7 signs, scale of 4 bits)
    public void iq3Xxs(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 98;
            float d = Unpacking.half(packed, start);
            for (int sub = 0; sub < 8; sub++) {
                int signs = Unpacking.fourBytes(packed, start + 66 + sub * 4);
                float scale = d * (0.5f + (signs >>> 28)) * 0.5f;
                long offset = targetOffset + block * 1024L + sub * 128L;
                for (int group = 0; group < GROUPS; group++) {
                    int numbers = start + 2 + sub * 8 + group * 2;
                    int first = packed[numbers] & 0xff;
                    int second = packed[numbers + 1] & 0xff;
                    int eight = evenSigns(signs >>> (7 * group));
                    store4And4(first, second, scale, eight, target, offset + group * GROUP_BYTES);
                }
            }
        }
    }

    // block_iq3_s, 110 bytes: half d | 64 of numbers | 8 of their ninth bits | 32 of signs | 4 times two scales
    public void iq3S(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 110;
            float d = Unpacking.half(packed, start);
            for (int sub = 0; sub < 8; sub++) {
                int upper = packed[start + 66 + sub];
                float scale = d * (1 + 2 * (packed[start + 106 + sub / 2] >> (sub % 2 * 4) & 0xf));
                long offset = targetOffset + block * 1024L + sub * 128L;
                for (int group = 0; group < GROUPS; group++) {
                    int numbers = start + 2 + sub * 8 + group * 2;
                    int first = (packed[numbers] & 0xff) | (upper >> (2 * group) & 1) << 8;
                    int second = (packed[numbers + 1] & 0xff) | (upper >> (2 * group + 1) & 1) << 8;
                    int signs = packed[start + 74 + sub * GROUPS + group] & 0xff;
                    store4And4(first, second, scale, signs, target, offset + group * GROUP_BYTES);
                }
            }
        }
    }

    /** The eighth sign makes their number even ({@code ksigns_iq2xs}). */
    private static int evenSigns(int seven) {
        int signs = seven & 127;
        return signs | (Integer.bitCount(signs) & 1) << 7;
    }

    private void store8(int point, float scale, int signs, MemorySegment target, long offset) {
        for (int i = 0; i < GROUP; i += EIGHT.length()) {
            FloatVector values =
                    FloatVector.fromArray(EIGHT, points, point * GROUP + i).mul(scale);
            IntVector signBits = IntVector.fromArray(EIGHT_INTS, SIGN_BITS, signs * GROUP + i);
            store(values, signBits, target, offset + (long) i * Float.BYTES);
        }
    }

    private void store4And4(int first, int second, float scale, int signs, MemorySegment target, long offset) {
        store4(first, scale, signs * GROUP, target, offset);
        store4(second, scale, signs * GROUP + 4, target, offset + GROUP_BYTES / 2);
    }

    private void store4(int point, float scale, int sign, MemorySegment target, long offset) {
        FloatVector values = FloatVector.fromArray(FOUR, points, point * 4).mul(scale);
        store(values, IntVector.fromArray(FOUR_INTS, SIGN_BITS, sign), target, offset);
    }

    private static void store(FloatVector values, IntVector signBits, MemorySegment target, long offset) {
        values.reinterpretAsInts().lanewise(XOR, signBits).intoMemorySegment(target, offset, LITTLE_ENDIAN);
    }
}
