package io.github.expogguf.quant;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Plain Java. Values pass through small arrays, because the compiler turns loops over arrays into SIMD code and loops
 * over segments not.
 */
final class ScalarFloatKernels implements FloatKernels {

    /** Elements of an array; they stay in the L1 cache. */
    private static final int STRIP = 1024;

    /** Turns one strip into another. */
    private interface Widen {
        void apply(short[] from, float[] to, int count);
    }

    /** Turns one strip into another and counts the results that are not finite. */
    private interface Narrow {
        int apply(float[] from, short[] to, int count);
    }

    @Override
    public void f16ToF32(long count, MemorySegment source, MemorySegment target) {
        widen(count, source, target, (from, to, length) -> {
            for (int i = 0; i < length; i++) {
                to[i] = f16ToF32(from[i]);
            }
        });
    }

    @Override
    public long f32ToF16(long count, MemorySegment source, MemorySegment target) {
        return narrow(count, source, target, (from, to, length) -> {
            int nonFinite = 0;
            for (int i = 0; i < length; i++) {
                short half = f32ToF16(from[i]);
                to[i] = half;
                nonFinite += isNonFiniteF16(half);
            }
            return nonFinite;
        });
    }

    @Override
    public void bf16ToF32(long count, MemorySegment source, MemorySegment target) {
        widen(count, source, target, (from, to, length) -> {
            for (int i = 0; i < length; i++) {
                to[i] = bf16ToF32(from[i]);
            }
        });
    }

    @Override
    public long f32ToBf16(long count, MemorySegment source, MemorySegment target) {
        return narrow(count, source, target, (from, to, length) -> {
            int nonFinite = 0;
            for (int i = 0; i < length; i++) {
                short half = f32ToBf16(from[i]);
                to[i] = half;
                nonFinite += isNonFiniteBf16(half);
            }
            return nonFinite;
        });
    }

    @Override
    public long countFrom(int magnitudeBits, long count, MemorySegment floats) {
        int[] strip = new int[(int) Math.min(count, STRIP)];
        long found = 0;
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(floats, JAVA_INT_UNALIGNED, done * Float.BYTES, strip, 0, length);
            int inStrip = 0;
            for (int i = 0; i < length; i++) {
                inStrip += isFrom(magnitudeBits, strip[i]);
            }
            found += inStrip;
        }
        return found;
    }

    /** 1 if the magnitude reaches the bits, else 0. */
    static int isFrom(int magnitudeBits, int bits) {
        return (magnitudeBits - 1 - (bits & MAGNITUDE_MASK)) >>> 31;
    }

    // sign 1 | exponent 5 | mantissa 10, to sign 1 | exponent 8 | mantissa 23
    static float f16ToF32(short half) {
        int bits = half << 16;
        int magnitude = bits << 1; // exponent at the top
        float normal = intBitsToFloat((magnitude >>> 4) + (0xe0 << 23)) * 0x1p-112f;
        float subnormal = intBitsToFloat((magnitude >>> 17) | (126 << 23)) - 0.5f;
        boolean isSubnormal = Integer.compareUnsigned(magnitude, 1 << 27) < 0;
        return intBitsToFloat((bits & 0x8000_0000) | floatToRawIntBits(isSubnormal ? subnormal : normal));
    }

    static short f32ToF16(float value) {
        // floatToFloat16 rounds as ggml does and keeps what fits of a NaN's payload, which ggml drops
        int bits = floatToRawIntBits(value);
        return (bits & MAGNITUDE_MASK) > NON_FINITE
                ? (short) (bits >>> 16 & 0x8000 | 0x7e00)
                : Float.floatToFloat16(value);
    }

    static float bf16ToF32(short half) {
        return intBitsToFloat(half << 16);
    }

    static short f32ToBf16(float value) {
        int bits = floatToRawIntBits(value);
        if ((bits & MAGNITUDE_MASK) > NON_FINITE) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** 1 for infinities and NaN, else 0. */
    static int isNonFiniteF16(short half) {
        return (half & 0x7fff) + 0x0400 >>> 15; // only an exponent of all ones carries into bit 15
    }

    /** 1 for infinities and NaN, else 0. */
    static int isNonFiniteBf16(short half) {
        return (half & 0x7fff) + 0x0080 >>> 15;
    }

    private static void widen(long count, MemorySegment source, MemorySegment target, Widen kernel) {
        short[] from = new short[(int) Math.min(count, STRIP)];
        float[] to = new float[from.length];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_SHORT_UNALIGNED, done * Short.BYTES, from, 0, length);
            kernel.apply(from, to, length);
            MemorySegment.copy(to, 0, target, JAVA_FLOAT_UNALIGNED, done * Float.BYTES, length);
        }
    }

    private static long narrow(long count, MemorySegment source, MemorySegment target, Narrow kernel) {
        float[] from = new float[(int) Math.min(count, STRIP)];
        short[] to = new short[from.length];
        long nonFinite = 0;
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, done * Float.BYTES, from, 0, length);
            nonFinite += kernel.apply(from, to, length);
            MemorySegment.copy(to, 0, target, JAVA_SHORT_UNALIGNED, done * Short.BYTES, length);
        }
        return nonFinite;
    }
}
