package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.Switching;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * ggml first, or plain Java for Q8_0, and SIMD code for the types that have it once that is warm; bytes and floats are
 * the same, so that this may happen between any two chunks. A ggml that was compiled for a processor with fused
 * multiply-add, as for all of ARM, may use it where a product and a sum meet (Q2_K, Q4_1, Q5_1), and then rounds once
 * instead of twice: it serves for good there.
 */
final class SwitchingRowCodec implements RowCodec {

    /** Half a second to one and a half of one core in ggml; the exercise takes about as long. */
    private static final long DEQUANTIZED_BEFORE = 1L << 29;

    private static final AtomicLong DEQUANTIZED = new AtomicLong(); // of all types, since most files mix them

    private static final int EXERCISE_DEQUANTIZED = 4096;
    private static final int EXERCISE_QUANTIZED = 1024;

    /**
     * How long ggml takes to quantize a type: one to five seconds of a core for the elements after which the exercise
     * begins.
     */
    private enum Pace {
        SLOW(1L << 22),
        USUAL(1L << 24),
        QUICK(1L << 30);

        private final long elementsBefore;
        // of all types of the pace: most files mix them, and have much of one where they have much of another
        private final AtomicLong unweighed = new AtomicLong();
        private final AtomicLong weighed = new AtomicLong();

        Pace(long elementsBefore) {
            this.elementsBefore = elementsBefore;
        }

        static Pace of(GgmlType type, boolean hasImportance) {
            return switch (type) {
                case Q8_0, MXFP4, TQ1_0, TQ2_0 -> QUICK; // the scale follows from the largest value
                case Q4_0, Q4_1, Q5_0, Q5_1 -> hasImportance ? USUAL : QUICK;
                case IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_NL, IQ4_XS -> SLOW;
                default -> USUAL;
            };
        }
    }

    private final RowCodec ggml;
    private final Switching<RowCodec> dequantizing;
    private final Switching<RowCodec> unweighed;
    private final Switching<RowCodec> weighed;

    SwitchingRowCodec(RowCodec ggml) {
        this.ggml = ggml;
        this.dequantizing = new Switching<>(
                DEQUANTIZED_BEFORE,
                DEQUANTIZED,
                ggml,
                () -> WideDequantizingCodec.of(ggml),
                SwitchingRowCodec::dequantized);
        this.unweighed = quantizing(ggml, false);
        this.weighed = quantizing(ggml, true);
    }

    /** Quantizing with importance is other code, which warms up by itself. */
    private static Switching<RowCodec> quantizing(RowCodec ggml, boolean hasImportance) {
        Pace pace = Pace.of(ggml.type(), hasImportance);
        return new Switching<>(
                pace.elementsBefore,
                hasImportance ? pace.weighed : pace.unweighed,
                ggml.type() == GgmlType.Q8_0 ? new PlainQ80Codec(ggml) : ggml,
                () -> WideRowCodec.of(ggml),
                codec -> quantized(codec, hasImportance));
    }

    /** The exercise. */
    static float[] dequantized(RowCodec codec) {
        byte[] bytes = new byte[(int) codec.type().rowBytes(EXERCISE_DEQUANTIZED)];
        new Random(1).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment floats = arena.allocate((long) EXERCISE_DEQUANTIZED * Float.BYTES, Float.BYTES);
            codec.dequantize(EXERCISE_DEQUANTIZED, 1, packed, floats);
            return floats.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** The exercise. */
    private static byte[] quantized(RowCodec codec, boolean hasImportance) {
        float[] numbers = Switching.numbers(EXERCISE_QUANTIZED);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
            MemorySegment importance =
                    hasImportance ? arena.allocate(floats.byteSize(), Float.BYTES) : MemorySegment.NULL;
            for (int i = 0; i < numbers.length && hasImportance; i++) {
                importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1 + Math.abs(32 * numbers[i])); // 1 to 2
            }
            MemorySegment packed = arena.allocate(codec.type().rowBytes(EXERCISE_QUANTIZED));
            codec.quantize(EXERCISE_QUANTIZED, 1, floats, importance, packed);
            return packed.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public GgmlType type() {
        return ggml.type();
    }

    @Override
    public void expect(long elements, boolean hasImportance) {
        if (WideRowCodec.isSupported(type(), hasImportance) && Pace.of(type(), hasImportance) != Pace.QUICK) {
            (hasImportance ? weighed : unweighed).expect(elements);
        }
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        RowCodec codec = WideDequantizingCodec.isSupported(type())
                ? dequantizing.choose(Math.max(0, rowLength * rowCount))
                : ggml;
        codec.dequantize(rowLength, rowCount, source, target);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        boolean hasImportance = RowChecks.isPresent(importance);
        if (!WideRowCodec.isSupported(type(), hasImportance)) {
            ggml.quantize(rowLength, rowCount, source, importance, target);
            return;
        }
        Switching<RowCodec> quantizing = hasImportance ? weighed : unweighed;
        long elements = Math.max(0, rowLength * rowCount);
        RowCodec codec = quantizing.choose(elements);
        long start = System.nanoTime();
        codec.quantize(rowLength, rowCount, source, importance, target);
        if (elements >= EXERCISE_QUANTIZED) { // less takes more time than its share
            quantizing.took(codec, (double) elements / EXERCISE_QUANTIZED, System.nanoTime() - start);
        }
    }
}
