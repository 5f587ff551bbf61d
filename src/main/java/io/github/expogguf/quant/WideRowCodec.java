package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Quantizes without importance in SIMD code, to the bytes of ggml. All else is left to ggml: dequantizing, quantizing
 * with importance, and the odd group of blocks whose numbers leave the usual range.
 */
final class WideRowCodec implements RowCodec {

    /** Below this magnitude no intermediate result overflows. */
    static final float VALUE_LIMIT = 0x1p20f;

    private final RowCodec ggml;
    private final Supplier<BlockQuantizer> quantizers;

    /**
     * @param ggml       the codec that takes over
     * @param quantizers makes a quantizer for a call, so that a thread has its own
     */
    private WideRowCodec(RowCodec ggml, Supplier<BlockQuantizer> quantizers) {
        this.ggml = ggml;
        this.quantizers = quantizers;
    }

    /** Asked for only if the vector module is there. */
    static WideRowCodec of(RowCodec ggml) {
        return new WideRowCodec(ggml, quantizers(ggml.type()));
    }

    /** Whether there is SIMD code for a type. */
    static boolean isSupported(GgmlType type) {
        return type == GgmlType.Q4_K || type == GgmlType.Q5_K || type == GgmlType.Q6_K;
    }

    static Supplier<BlockQuantizer> quantizers(GgmlType type) {
        return switch (type) {
            case Q4_K -> WideQ4K::new;
            case Q5_K -> WideQ5K::new;
            case Q6_K -> WideQ6K::new;
            default -> throw new IllegalArgumentException(type + " has no SIMD code");
        };
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
        long count = RowChecks.quantize(type(), rowLength, rowCount, source, importance, target);
        if (RowChecks.isPresent(importance) || !isUsual(source, count)) {
            ggml.quantize(rowLength, rowCount, source, importance, target); // has its own checks and messages
            return;
        }
        BlockQuantizer quantizer = quantizers.get();
        int groupSize = quantizer.groupSize();
        long sourceBytes = (long) BlockQuantizer.SUPER_BLOCK * Float.BYTES;
        long targetBytes = type().blockBytes();
        long superBlocks = count / BlockQuantizer.SUPER_BLOCK; // rows follow each other without a gap
        for (long first = 0; first < superBlocks; first += groupSize) {
            int size = (int) Math.min(groupSize, superBlocks - first);
            if (!quantizer.quantize(source, first * sourceBytes, size, target, first * targetBytes)) {
                ggml.quantize(
                        (long) size * BlockQuantizer.SUPER_BLOCK,
                        1,
                        source.asSlice(first * sourceBytes, size * sourceBytes),
                        importance,
                        target.asSlice(first * targetBytes, size * targetBytes));
            }
        }
    }

    private static boolean isUsual(MemorySegment source, long count) {
        return FloatKernels.best().countFrom(Float.floatToRawIntBits(VALUE_LIMIT), count, source) == 0;
    }
}
