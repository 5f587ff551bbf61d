package io.github.expogguf.quant.unpack;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** What the wide dequantizers share: numbers from bytes, into the lanes of {@link Lanes}. */
final class Unpacking {

    // four lanes make half of the narrowest vector: the other half is read and dropped
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Lanes.LANES * Byte.SIZE)));

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

    private Unpacking() {}

    /** As many bytes as there are lanes, without sign. */
    static IntVector bytes(byte[] packed, int offset) {
        return (IntVector) ByteVector.fromArray(BYTES, packed, offset)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0);
    }

    static FloatVector floats(IntVector values) {
        return (FloatVector) values.convertShape(VectorOperators.I2F, Lanes.FLOATS, 0);
    }

    static void store(FloatVector values, MemorySegment target, long offset) {
        values.intoMemorySegment(target, offset, LITTLE_ENDIAN);
    }

    static float half(byte[] packed, int offset) {
        return Float.float16ToFloat((short) SHORT.get(packed, offset));
    }

    static int twoBytes(byte[] packed, int offset) {
        return Short.toUnsignedInt((short) SHORT.get(packed, offset));
    }

    static long eightBytes(byte[] packed, int offset) {
        return (long) LONG.get(packed, offset);
    }

    static int fourBytes(byte[] packed, int offset) {
        return (int) INT.get(packed, offset);
    }
}
