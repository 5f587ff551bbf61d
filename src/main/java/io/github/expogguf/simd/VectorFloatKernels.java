package io.github.expogguf.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * SIMD code. The formulas are those of ggml-impl.h, ggml 0.25.1, with branches turned into blends. F16 is left to plain
 * Java, which the compiler turns into the processor's own conversion; the Vector API of Java 25 has none, and what
 * ggml computes in its place was slower (5,000 weights a microsecond on an EPYC with AVX-512, plain Java 6,500).
 */
public final class VectorFloatKernels implements FloatKernels {

    // halves take a vector of half the width, and the narrowest has 64 bits
    private static final VectorSpecies<Integer> INTS =
            IntVector.SPECIES_PREFERRED.vectorBitSize() < 128 ? IntVector.SPECIES_128 : IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));
    private static final int LANES = INTS.length();
    private static final FloatKernels SCALAR = new ScalarFloatKernels();

    @Override
    public void f16ToF32(long count, MemorySegment source, MemorySegment target) {
        SCALAR.f16ToF32(count, source, target);
    }

    @Override
    public long f32ToF16(long count, MemorySegment source, MemorySegment target) {
        return SCALAR.f32ToF16(count, source, target);
    }

    @Override
    public void bf16ToF32(long count, MemorySegment source, MemorySegment target) {
        long i = 0;
        for (long bound = count - LANES; i <= bound; i += LANES) {
            loadShorts(source, i)
                    .lanewise(VectorOperators.LSHL, 16)
                    .intoMemorySegment(target, i * Float.BYTES, LITTLE_ENDIAN);
        }
        for (; i < count; i++) {
            short half = source.getAtIndex(JAVA_SHORT_UNALIGNED, i);
            target.setAtIndex(JAVA_INT_UNALIGNED, i, half << 16);
        }
    }

    @Override
    public long f32ToBf16(long count, MemorySegment source, MemorySegment target) {
        IntVector nonFiniteLanes = IntVector.zero(INTS);
        long nonFinite = 0;
        long i = 0;
        for (long bound = count - LANES; i <= bound; i += LANES) {
            IntVector bits = IntVector.fromMemorySegment(INTS, source, i * Float.BYTES, LITTLE_ENDIAN);
            IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
            IntVector half = bits.add(upper.and(1)).add(0x7fff).lanewise(VectorOperators.LSHR, 16);
            VectorMask<Integer> isNan = bits.and(MAGNITUDE_MASK).compare(VectorOperators.GT, NON_FINITE);
            half = half.blend(upper.or(0x40), isNan);
            nonFiniteLanes = nonFiniteLanes.add(half.and(0x7fff).add(0x0080).lanewise(VectorOperators.LSHR, 15));
            storeShorts(half, target, i);
        }
        for (; i < count; i++) {
            short half = ScalarFloatKernels.f32ToBf16(source.getAtIndex(JAVA_FLOAT_UNALIGNED, i));
            target.setAtIndex(JAVA_SHORT_UNALIGNED, i, half);
            nonFinite += ScalarFloatKernels.isNonFiniteBf16(half);
        }
        return nonFinite + sum(nonFiniteLanes);
    }

    @Override
    public long countFrom(int magnitudeBits, long count, MemorySegment floats) {
        IntVector lanes = IntVector.zero(INTS);
        IntVector below = IntVector.broadcast(INTS, magnitudeBits - 1);
        long found = 0;
        long i = 0;
        for (long bound = count - LANES; i <= bound; i += LANES) {
            IntVector bits = IntVector.fromMemorySegment(INTS, floats, i * Float.BYTES, LITTLE_ENDIAN);
            lanes = lanes.add(below.sub(bits.and(MAGNITUDE_MASK)).lanewise(VectorOperators.LSHR, 31));
        }
        for (; i < count; i++) {
            found += ScalarFloatKernels.isFrom(magnitudeBits, floats.getAtIndex(JAVA_INT_UNALIGNED, i));
        }
        return found + sum(lanes);
    }

    private static IntVector loadShorts(MemorySegment source, long index) {
        return (IntVector) ShortVector.fromMemorySegment(SHORTS, source, index * Short.BYTES, LITTLE_ENDIAN)
                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }

    private static void storeShorts(IntVector halves, MemorySegment target, long index) {
        ((ShortVector) halves.convertShape(VectorOperators.I2S, SHORTS, 0))
                .intoMemorySegment(target, index * Short.BYTES, LITTLE_ENDIAN);
    }

    /** The lanes as unsigned numbers: a lane counts to 2^32, so that any segment of less than 2^36 bytes is safe. */
    private static long sum(IntVector lanes) {
        long sum = 0;
        for (int lane = 0; lane < LANES; lane++) {
            sum += Integer.toUnsignedLong(lanes.lane(lane));
        }
        return sum;
    }
}
