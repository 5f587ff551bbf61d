package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** ggml first, SIMD code once it is warm; the bytes are the same, so that this may happen between any two chunks. */
final class SwitchingRowCodec implements RowCodec {

    /** About two seconds of one core in ggml, which takes its time over most types; the exercise takes as long. */
    private static final long ELEMENTS_BEFORE = 1L << 24;

    /** As long, for the types that ggml is quick at. */
    private static final long QUICK_ELEMENTS_BEFORE = 1L << 30;

    private static final int EXERCISE_ELEMENTS = 1024;

    // of all types: most files mix them, and have much of one where they have much of another
    private static final AtomicLong PLAIN_ELEMENTS = new AtomicLong();
    private static final AtomicLong WEIGHTED_ELEMENTS = new AtomicLong();
    private static final AtomicLong QUICK_ELEMENTS = new AtomicLong();

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
        boolean isQuick = isQuickInGgml(ggml.type(), hasImportance);
        return new Warming<>(
                isQuick ? QUICK_ELEMENTS_BEFORE : ELEMENTS_BEFORE,
                isQuick ? QUICK_ELEMENTS : hasImportance ? WEIGHTED_ELEMENTS : PLAIN_ELEMENTS,
                ggml,
                () -> wide(ggml, hasImportance),
                codec -> exercise(codec, hasImportance));
    }

    /** Types whose scale ggml takes from the largest value, without a search. */
    private static boolean isQuickInGgml(GgmlType type, boolean hasImportance) {
        return switch (type) {
            case Q8_0, MXFP4, TQ1_0, TQ2_0 -> true;
            case Q4_0, Q4_1, Q5_0, Q5_1 -> !hasImportance;
            default -> false;
        };
    }

    /**
     * SIMD code, or ggml where that computes otherwise: compiled for a processor with fused multiply-add, as for all of ARM,
     * it may round once where a product and a sum meet.
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
        if (WideRowCodec.isSupported(type(), hasImportance) && !isQuickInGgml(type(), hasImportance)) {
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
        RowCodec codec = ggml;
        if (WideRowCodec.isSupported(type(), hasImportance)) {
            codec = (hasImportance ? weighted : plain).choose(Math.max(0, rowLength * rowCount));
        }
        codec.quantize(rowLength, rowCount, source, importance, target);
    }
}
