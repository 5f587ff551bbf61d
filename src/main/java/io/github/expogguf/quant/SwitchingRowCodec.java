package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.Warming;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** ggml first, SIMD code once it is warm; the bytes are the same, so that this may happen between any two chunks. */
final class SwitchingRowCodec implements RowCodec {

    private static final int EXERCISE_ELEMENTS = 1024;

    /**
     * How long ggml takes over a type: one to five seconds of a core for the elements after which the exercise begins.
     */
    private enum Pace {
        SLOW(1L << 22),
        USUAL(1L << 24),
        QUICK(1L << 30);

        private final long elementsBefore;
        // of all types of the pace: most files mix them, and have much of one where they have much of another
        private final AtomicLong plain = new AtomicLong();
        private final AtomicLong weighted = new AtomicLong();

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
    private final Warming<RowCodec> plain;
    private final Warming<RowCodec> weighted;

    /** {@link WideRowCodec} has code for the type. */
    SwitchingRowCodec(RowCodec ggml) {
        this.ggml = ggml;
        this.plain = warming(ggml, false);
        this.weighted = warming(ggml, true);
    }

    /** Quantizing with importance is other code, which warms up by itself. */
    private static Warming<RowCodec> warming(RowCodec ggml, boolean hasImportance) {
        Pace pace = Pace.of(ggml.type(), hasImportance);
        return new Warming<>(
                pace.elementsBefore,
                hasImportance ? pace.weighted : pace.plain,
                ggml,
                () -> wide(ggml, hasImportance),
                codec -> exercise(codec, hasImportance));
    }

    /**
     * SIMD code, or ggml where that computes otherwise: compiled for a processor with fused multiply-add, as for all of
     * ARM, it may round once where a product and a sum meet.
     */
    private static RowCodec wide(RowCodec ggml, boolean hasImportance) {
        RowCodec wide = WideRowCodec.of(ggml);
        return Arrays.equals(exercise(wide, hasImportance), exercise(ggml, hasImportance)) ? wide : ggml;
    }

    private static byte[] exercise(RowCodec codec, boolean hasImportance) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate((long) EXERCISE_ELEMENTS * Float.BYTES, Float.BYTES);
            MemorySegment importance =
                    hasImportance ? arena.allocate(floats.byteSize(), Float.BYTES) : MemorySegment.NULL;
            int bits = 1;
            for (int i = 0; i < EXERCISE_ELEMENTS; i++) { // any values; these are spread evenly
                bits = 1_664_525 * bits + 1_013_904_223;
                floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, bits * 0x1p-36f);
                if (hasImportance) {
                    importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1 + Math.abs(bits * 0x1p-31f));
                }
            }
            MemorySegment packed = arena.allocate(codec.type().rowBytes(EXERCISE_ELEMENTS));
            codec.quantize(EXERCISE_ELEMENTS, 1, floats, importance, packed);
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
            (hasImportance ? weighted : plain).expect(elements);
        }
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        ggml.dequantize(rowLength, rowCount, source, target);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        boolean hasImportance = RowChecks.isPresent(importance);
        if (!WideRowCodec.isSupported(type(), hasImportance)) {
            ggml.quantize(rowLength, rowCount, source, importance, target);
            return;
        }
        Warming<RowCodec> warming = hasImportance ? weighted : plain;
        long elements = Math.max(0, rowLength * rowCount);
        RowCodec codec = warming.choose(elements);
        long start = System.nanoTime();
        codec.quantize(rowLength, rowCount, source, importance, target);
        if (elements >= EXERCISE_ELEMENTS) { // less takes more time than its share
            warming.took(codec, (double) elements / EXERCISE_ELEMENTS, System.nanoTime() - start);
        }
    }
}
