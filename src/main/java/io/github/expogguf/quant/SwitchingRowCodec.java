package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/** ggml first, SIMD code once it is warm; the bytes are the same, so that this may happen between any two chunks. */
final class SwitchingRowCodec implements RowCodec {

    /** About two seconds of one core in ggml; the exercise takes as long. */
    private static final long ELEMENTS_BEFORE = 1L << 24;

    private static final int EXERCISE_ELEMENTS = 4096;

    // of all types: most files mix them, and have much of one where they have much of another
    private static final AtomicLong PLAIN_ELEMENTS = new AtomicLong();
    private static final AtomicLong WEIGHTED_ELEMENTS = new AtomicLong();

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
        return new Warming<>(
                ELEMENTS_BEFORE,
                hasImportance ? WEIGHTED_ELEMENTS : PLAIN_ELEMENTS,
                ggml,
                () -> WideRowCodec.of(ggml),
                codec -> exercise(codec, hasImportance));
    }

    private static void exercise(RowCodec codec, boolean hasImportance) {
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
        }
    }

    @Override
    public GgmlType type() {
        return ggml.type();
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
