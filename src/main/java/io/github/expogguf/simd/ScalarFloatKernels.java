package io.github.expogguf.simd;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Plain Java. Values pass through small arrays, because the compiler turns simple loops over arrays into SIMD code and
 * loops over segments not. Simple means without branches: what is special is done once more where there is any.
 */
public final class ScalarFloatKernels implements FloatKernels {

    /** Elements of an array; they stay in the L1 cache. */
    private static final int STRIP = 1024;

    /** The largest finite number of 16 bits; a larger float may round to infinity. */
    private static final int LARGEST_BF16 = 0x7f7f_0000;

    @Override
    public void f16ToF32(long count, MemorySegment source, MemorySegment target) {
        short[] from = new short[(int) Math.min(count, STRIP)];
        float[] to = new float[from.length];
        int[] pairs = new int[from.length / 2];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_SHORT_UNALIGNED, done * Short.BYTES, from, 0, length);
            for (int i = 0; i < length; i++) {
                to[i] = Float.float16ToFloat(from[i]);
            }
            if (hasNonFiniteF16(source, done, length, pairs)) {
                for (int i = 0; i < length; i++) {
                    to[i] = f16ToF32(from[i]);
                }
            }
            MemorySegment.copy(to, 0, target, JAVA_FLOAT_UNALIGNED, done * Float.BYTES, length);
        }
    }

    @Override
    public long f32ToF16(long count, MemorySegment source, MemorySegment target) {
        float[] from = new float[(int) Math.min(count, STRIP)];
        short[] to = new short[from.length];
        int[] pairs = new int[from.length / 2];
        long nonFinite = 0;
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, done * Float.BYTES, from, 0, length);
            for (int i = 0; i < length; i++) {
                to[i] = Float.floatToFloat16(from[i]);
            }
            MemorySegment.copy(to, 0, target, JAVA_SHORT_UNALIGNED, done * Short.BYTES, length);
            if (hasNonFiniteF16(target, done, length, pairs)) {
                for (int i = 0; i < length; i++) {
                    to[i] = f32ToF16(from[i]);
                    nonFinite += isNonFiniteF16(to[i]);
                }
                MemorySegment.copy(to, 0, target, JAVA_SHORT_UNALIGNED, done * Short.BYTES, length);
            }
        }
        return nonFinite;
    }

    @Override
    public void bf16ToF32(long count, MemorySegment source, MemorySegment target) {
        short[] from = new short[(int) Math.min(count, STRIP)];
        int[] to = new int[from.length];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_SHORT_UNALIGNED, done * Short.BYTES, from, 0, length);
            for (int i = 0; i < length; i++) {
                to[i] = from[i] << 16;
            }
            MemorySegment.copy(to, 0, target, JAVA_INT_UNALIGNED, done * Integer.BYTES, length);
        }
    }

    @Override
    public long f32ToBf16(long count, MemorySegment source, MemorySegment target) {
        int[] from = new int[(int) Math.min(count, STRIP)];
        short[] to = new short[from.length];
        long nonFinite = 0;
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_INT_UNALIGNED, done * Integer.BYTES, from, 0, length);
            for (int i = 0; i < length; i++) {
                to[i] = (short) ((from[i] + 0x7fff + (from[i] >>> 16 & 1)) >>> 16);
            }
            if (countFrom(LARGEST_BF16, from, length) != 0) {
                for (int i = 0; i < length; i++) {
                    to[i] = f32ToBf16(intBitsToFloat(from[i]));
                    nonFinite += isNonFiniteBf16(to[i]);
                }
            }
            MemorySegment.copy(to, 0, target, JAVA_SHORT_UNALIGNED, done * Short.BYTES, length);
        }
        return nonFinite;
    }

    @Override
    public long countFrom(int magnitudeBits, long count, MemorySegment floats) {
        int[] strip = new int[(int) Math.min(count, STRIP)];
        long found = 0;
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(floats, JAVA_INT_UNALIGNED, done * Float.BYTES, strip, 0, length);
            found += countFrom(magnitudeBits, strip, length);
        }
        return found;
    }

    private static int countFrom(int magnitudeBits, int[] strip, int length) {
        int found = 0;
        for (int i = 0; i < length; i++) {
            found += isFrom(magnitudeBits, strip[i]);
        }
        return found;
    }

    /** Looks at two halves at once, since loops over shorts stay slow. */
    private static boolean hasNonFiniteF16(MemorySegment halves, long start, int length, int[] pairs) {
        int pairCount = length / 2;
        MemorySegment.copy(halves, JAVA_INT_UNALIGNED, start * Short.BYTES, pairs, 0, pairCount);
        int carries = 0;
        for (int i = 0; i < pairCount; i++) {
            carries |= (pairs[i] & 0x7fff_7fff) + 0x0400_0400; // only an exponent of all ones carries into the sign
        }
        boolean isLastNonFinite = isNonFiniteF16(halves.getAtIndex(JAVA_SHORT_UNALIGNED, start + length - 1)) != 0;
        return (carries & 0x8000_8000) != 0 || isLastNonFinite;
    }

    /** 1 if the magnitude reaches the bits, else 0. */
    static int isFrom(int magnitudeBits, int bits) {
        return (magnitudeBits - 1 - (bits & MAGNITUDE_MASK)) >>> 31;
    }

    // sign 1 | exponent 5 | mantissa 10, to sign 1 | exponent 8 | mantissa 23
    public static float f16ToF32(short half) {
        int bits = half << 16;
        int magnitude = bits << 1; // exponent at the top
        float normal = intBitsToFloat((magnitude >>> 4) + (0xe0 << 23)) * 0x1p-112f;
        float subnormal = intBitsToFloat((magnitude >>> 17) | (126 << 23)) - 0.5f;
        boolean isSubnormal = Integer.compareUnsigned(magnitude, 1 << 27) < 0;
        return intBitsToFloat((bits & 0x8000_0000) | floatToRawIntBits(isSubnormal ? subnormal : normal));
    }

    public static short f32ToF16(float value) {
        // floatToFloat16 rounds as ggml does and keeps what fits of a NaN's payload, which ggml drops
        int bits = floatToRawIntBits(value);
        return (bits & MAGNITUDE_MASK) > NON_FINITE
                ? (short) ((bits >>> 16 & 0x8000) | 0x7e00)
                : Float.floatToFloat16(value);
    }

    public static float bf16ToF32(short half) {
        return intBitsToFloat(half << 16);
    }

    public static short f32ToBf16(float value) {
        int bits = floatToRawIntBits(value);
        if ((bits & MAGNITUDE_MASK) > NON_FINITE) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    /** 1 for infinities and NaN, else 0. */
    static int isNonFiniteF16(short half) {
        return ((half & 0x7fff) + 0x0400) >>> 15; // only an exponent of all ones carries into bit 15
    }

    /** 1 for infinities and NaN, else 0. */
    static int isNonFiniteBf16(short half) {
        return ((half & 0x7fff) + 0x0080) >>> 15;
    }
}
