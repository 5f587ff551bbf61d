package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.Warming;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Dequantizes with ggml first, in SIMD code once that is warm; the floats are the same, so that this may happen between
 * any two chunks. Quantizing is another codec's.
 */
final class SwitchingDequantizer implements RowCodec {

    /** Half a second to one and a half of one core in ggml; the exercise takes about as long. */
    private static final long ELEMENTS_BEFORE = 1L << 29;

    private static final int EXERCISE_ELEMENTS = 4096;

    private static final AtomicLong ELEMENTS = new AtomicLong(); // of all types, since most files mix them

    private final RowCodec quantizer;
    private final Warming<RowCodec> warming;

    /**
     * {@link WideDequantizingCodec} has code for the type.
     *
     * @param ggml      dequantizes first
     * @param quantizer quantizes
     */
    SwitchingDequantizer(RowCodec ggml, RowCodec quantizer) {
        this.quantizer = quantizer;
        this.warming = new Warming<>(ELEMENTS_BEFORE, ELEMENTS, ggml, () -> wide(ggml), SwitchingDequantizer::exercise);
    }

    /**
     * SIMD code, or ggml where that computes otherwise. A ggml that was compiled for a processor with fused
     * multiply-add, as for all of ARM, may use it where a product and a sum meet (Q2_K, Q4_1, Q5_1), and then rounds
     * once instead of twice.
     */
    static RowCodec wide(RowCodec ggml) {
        RowCodec wide = WideDequantizingCodec.of(ggml);
        return Arrays.equals(exercise(wide), exercise(ggml)) ? wide : ggml; // NaN equals NaN here
    }

    private static float[] exercise(RowCodec codec) {
        byte[] bytes = new byte[(int) codec.type().rowBytes(EXERCISE_ELEMENTS)];
        new Random(1).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment floats = arena.allocate((long) EXERCISE_ELEMENTS * Float.BYTES, Float.BYTES);
            codec.dequantize(EXERCISE_ELEMENTS, 1, packed, floats);
            return floats.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Override
    public GgmlType type() {
        return quantizer.type();
    }

    @Override
    public void expect(long elements, boolean hasImportance) {
        quantizer.expect(elements, hasImportance);
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        warming.choose(Math.max(0, rowLength * rowCount)).dequantize(rowLength, rowCount, source, target);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        quantizer.quantize(rowLength, rowCount, source, importance, target);
    }
}
