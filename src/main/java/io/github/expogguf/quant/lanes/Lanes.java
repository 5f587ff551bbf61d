package io.github.expogguf.quant.lanes;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the wide quantizers share: sixteen sub-blocks stand side by side in columns, so that a vector holds the values
 * of one index and a lane belongs to one sub-block. Sixteen columns are one vector of 512 bits, two of 256 or four of
 * 128.
 */
public final class Lanes {

    /** Sub-blocks side by side. */
    public static final int COLUMNS = 16;

    // 16 lanes at most, for there are no more columns; 4 at least, for the conversions below
    private static final VectorShape SHAPE =
            VectorShape.forBitSize(Math.clamp(IntVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512));

    public static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
    public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);

    /** Lanes of a vector; divides {@link #COLUMNS}. */
    public static final int LANES = FLOATS.length();

    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));

    /**
     * 1.5 * 2^23. Added to a number between -2^22 and 2^22 it leaves the nearest integer, ties to even, in the lower
     * bits of the sum ({@code nearest_int} of ggml-quants.c, ggml 0.25.1).
     */
    public static final float MAGIC = 12_582_912f;

    /** Of the sum with {@link #MAGIC}, as a number: sign and exponent, which stay the same between -2^22 and 2^22. */
    static final int MAGIC_RANGE = 0x4b00_0000;

    /** The bits of {@link #MAGIC}; with a small integer added, the bits of the sum with that integer. */
    public static final int MAGIC_BITS = 0x4b40_0000;

    /** Sign and exponent of a float's bits. */
    static final int RANGE_MASK = 0xff80_0000;

    private static final int MANTISSA_MASK = 0x007f_ffff;
    private static final int MANTISSA_OF_ZERO = 0x0040_0000;

    /** A half of a packed block. */
    public static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Eight bytes of a packed block. */
    public static final ValueLayout.OfLong EIGHT_BYTES = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Four bytes of a packed block. */
    public static final ValueLayout.OfInt FOUR_BYTES = JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final int HALF_NON_FINITE = 0x7c00;

    private Lanes() {}

    public static boolean isFiniteHalf(short half) {
        return (half & HALF_NON_FINITE) != HALF_NON_FINITE;
    }

    /** {@code nearest_int}, also where the number is out of range and the result of no meaning. */
    public static int nearestInt(float value) {
        return (Float.floatToRawIntBits(value + MAGIC) & MANTISSA_MASK) - MANTISSA_OF_ZERO;
    }

    /** {@link #nearestInt(float)} in every lane, then limited. */
    public static IntVector nearestInt(FloatVector values, int least, int most) {
        return values.add(MAGIC)
                .reinterpretAsInts()
                .and(MANTISSA_MASK)
                .sub(MANTISSA_OF_ZERO)
                .max(least)
                .min(most);
    }

    /** The first index of the largest magnitude, without a branch that the processor would have to guess. */
    public static int indexOfLargest(float[] columns) {
        long largest = 0;
        for (int j = 0; j < COLUMNS; j++) {
            long magnitude = Float.floatToRawIntBits(columns[j]) & Integer.MAX_VALUE;
            largest = Math.max(largest, magnitude * COLUMNS + COLUMNS - 1 - j);
        }
        return COLUMNS - 1 - (int) (largest % COLUMNS);
    }

    public static FloatVector load(MemorySegment floats, long offset) {
        return FloatVector.fromMemorySegment(FLOATS, floats, offset, LITTLE_ENDIAN);
    }

    /** Puts sub-blocks that follow each other into columns. */
    public static void transpose(
            MemorySegment floats, long offset, int length, int columns, float[] target, int firstColumn) {
        for (int column = 0; column < columns; column++) {
            long start = offset + (long) column * length * Float.BYTES;
            int first = firstColumn + column;
            for (int i = 0; i < length; i++) {
                target[first + i * COLUMNS] = floats.get(JAVA_FLOAT_UNALIGNED, start + (long) i * Float.BYTES);
            }
        }
    }

    /** The same for all columns; where there are fewer sub-blocks the first one fills the rest. */
    public static void fill(MemorySegment floats, long offset, int length, int count, float[] target) {
        transpose(floats, offset, length, count, target, 0);
        for (int column = count; column < COLUMNS; column++) {
            transpose(floats, offset, length, 1, target, column);
        }
    }

    /** Writes the lowest byte of every lane. */
    public static void storeBytes(IntVector values, MemorySegment target, long offset) {
        ByteVector bytes = (ByteVector) values.convertShape(VectorOperators.I2B, BYTES, 0);
        if (LANES * Byte.SIZE == BYTES.vectorBitSize()) {
            bytes.intoMemorySegment(target, offset, LITTLE_ENDIAN);
        } else { // four lanes make half of the narrowest vector
            target.set(JAVA_INT_UNALIGNED, offset, bytes.reinterpretAsInts().lane(0));
        }
    }

    /** Keeps the lowest byte of each; plain Java, which the JIT compiler makes wide by itself. */
    public static void narrow(int[] values, byte[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (byte) values[i];
        }
    }

    /** Eight bytes, to pack them at once: none may grow into the next. */
    public static long eight(byte[] bytes, int index) {
        return (long) EIGHT.get(bytes, index);
    }
}
