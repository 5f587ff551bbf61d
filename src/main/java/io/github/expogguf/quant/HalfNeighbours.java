package io.github.expogguf.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.ScalarFloatKernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The two numbers of 16 bits between which a number lies; sign and magnitude, so that neighbours have neighbouring
 * bits.
 */
record HalfNeighbours(GgmlType type) {

    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    static boolean isSupported(GgmlType type) {
        return type == GgmlType.F16 || type == GgmlType.BF16;
    }

    /**
     * Writes one of the two, so that the mean over all draws is the number.
     *
     * @param draw from 0 to below 1
     * @throws NonFiniteException if the number is beyond the largest
     */
    void put(MemorySegment packed, long index, double number, double draw) {
        short nearest = of((float) number);
        if (!Float.isFinite(value(nearest))) {
            throw new NonFiniteException("values are too large for " + type + ": " + number);
        }
        short below = value(nearest) > number ? down(nearest) : nearest;
        short above = value(below) < number ? up(below) : below;
        double distance = (double) value(above) - value(below);
        boolean isAbove = distance > 0 && Double.isFinite(distance) && draw < (number - value(below)) / distance;
        packed.setAtIndex(HALF, index, isAbove ? above : below);
    }

    private short of(float number) {
        return type == GgmlType.F16 ? ScalarFloatKernels.f32ToF16(number) : ScalarFloatKernels.f32ToBf16(number);
    }

    private float value(short half) {
        return type == GgmlType.F16 ? ScalarFloatKernels.f16ToF32(half) : ScalarFloatKernels.bf16ToF32(half);
    }

    private static short up(short half) {
        if ((half & 0x7fff) == 0) {
            return 1;
        }
        return (short) (half < 0 ? half - 1 : half + 1);
    }

    private static short down(short half) {
        return (short) (up((short) (half ^ 0x8000)) ^ 0x8000);
    }
}
