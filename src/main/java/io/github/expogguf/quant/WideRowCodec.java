package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.grid.WideGrid;
import io.github.expogguf.quant.k.UnweighedQ3K;
import io.github.expogguf.quant.k.WeighedQ3K;
import io.github.expogguf.quant.k.WideQ2K;
import io.github.expogguf.quant.k.WideQ4K;
import io.github.expogguf.quant.k.WideQ5K;
import io.github.expogguf.quant.k.WideQ6K;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.levels.WideIq4Nl;
import io.github.expogguf.quant.levels.WideIq4Xs;
import io.github.expogguf.quant.levels.WideMxfp4;
import io.github.expogguf.quant.levels.WideNvfp4;
import io.github.expogguf.quant.levels.WideTernary;
import io.github.expogguf.quant.simple.WeighedSimpleRow;
import io.github.expogguf.quant.simple.WideQ80;
import io.github.expogguf.quant.simple.WideSimpleScale;
import io.github.expogguf.quant.simple.WideSimpleScaleMin;
import io.github.expogguf.simd.SwitchingFloatKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Quantizes in SIMD code, to the bytes of ggml. All else is left to ggml: dequantizing, importance where there is no
 * code for it, and the odd group of blocks whose numbers leave the usual range.
 */
final class WideRowCodec implements RowCodec {

    /** Below this magnitude no intermediate result overflows. */
    static final float VALUE_LIMIT = 0x1p20f;

    private final RowCodec ggml;

    // a thread's own, kept from chunk to chunk; some tens of kilobytes each
    private final ThreadLocal<BlockQuantizer> unweighed = ThreadLocal.withInitial(() -> quantizer(type(), false));
    private final ThreadLocal<Weighed> weighed = ThreadLocal.withInitial(() -> new Weighed(type()));
    private final ThreadLocal<WeighedSimpleRow> weighedRow =
            ThreadLocal.withInitial(() -> new WeighedSimpleRow(type()));

    private WideRowCodec(RowCodec ggml) {
        this.ggml = ggml;
    }

    /** Asked for only if the vector module is there and the type is supported. */
    static WideRowCodec of(RowCodec ggml) {
        return new WideRowCodec(ggml);
    }

    /** Whether there is SIMD code for a type, with importance or without. */
    static boolean isSupported(GgmlType type, boolean hasImportance) {
        return switch (type) {
            case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_0, IQ4_NL, IQ4_XS, Q4_0, Q4_1, Q5_0, Q5_1 -> true;
            case MXFP4, NVFP4, TQ1_0, TQ2_0, IQ2_S, IQ3_XXS, IQ3_S -> true;
            case IQ2_XXS, IQ2_XS -> hasImportance; // ggml demands it
            default -> false;
        };
    }

    /** Whether a block of a type depends on all of its row, where there is importance. */
    static boolean goesByRows(GgmlType type) {
        return switch (type) {
            case Q4_0, Q4_1, Q5_0, Q5_1 -> true;
            default -> false;
        };
    }

    /** A new quantizer, so that a thread has its own; for types that go by rows only without importance. */
    static BlockQuantizer quantizer(GgmlType type, boolean hasImportance) {
        if (!isSupported(type, hasImportance) || (hasImportance && goesByRows(type))) {
            throw new IllegalArgumentException(type + " has no SIMD code for this");
        }
        return switch (type) {
            case Q2_K -> new WideQ2K(hasImportance);
            case Q3_K -> hasImportance ? new WeighedQ3K() : new UnweighedQ3K();
            case Q4_K -> new WideQ4K(hasImportance);
            case Q5_K -> new WideQ5K(hasImportance);
            case Q6_K -> new WideQ6K(hasImportance);
            case Q4_0, Q5_0 -> new WideSimpleScale(type);
            case Q4_1, Q5_1 -> new WideSimpleScaleMin(type);
            case Q8_0 -> new WideQ80();
            case TQ1_0, TQ2_0 -> new WideTernary(type);
            case MXFP4 -> new WideMxfp4();
            case NVFP4 -> new WideNvfp4();
            case IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> new WideGrid(type, hasImportance);
            case IQ4_NL -> new WideIq4Nl(hasImportance);
            case IQ4_XS -> new WideIq4Xs(hasImportance);
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
        boolean hasImportance = RowChecks.isPresent(importance);
        if (hasImportance) {
            GgmlRowCodec.requireUsableImportance(type(), rowLength, importance);
        }
        if (!isSupported(type(), hasImportance) || !isUsual(source, count)) {
            ggml.quantize(rowLength, rowCount, source, importance, target); // has its own checks and messages
            return;
        }
        if (hasImportance && goesByRows(type())) {
            quantizeRows(rowLength, rowCount, source, importance, target);
            return;
        }
        if (!hasImportance || !WeightTypes.readsImportance(type())) {
            BlockQuantizer quantizer = unweighed.get();
            quantizeGroups(quantizer, count, source, MemorySegment.NULL, MemorySegment.NULL, target);
            return;
        }
        Weighed own = weighed.get();
        quantizeGroups(own.quantizer, count, source, importance, own.groupImportance, target);
    }

    /** A quantizer, and room for the importance of a group of its blocks. */
    private static final class Weighed {

        private final BlockQuantizer quantizer;
        private final MemorySegment groupImportance;

        private Weighed(GgmlType type) {
            this.quantizer = quantizer(type, true);
            long floats = (long) quantizer.groupSize() * type.blockSize();
            this.groupImportance = Arena.ofAuto().allocate(floats * Float.BYTES, Float.BYTES);
        }
    }

    /** Rows follow each other without a gap, so that a group may reach over the end of one. */
    private void quantizeGroups(
            BlockQuantizer quantizer,
            long count,
            MemorySegment source,
            MemorySegment importance,
            MemorySegment buffer,
            MemorySegment target) {
        int groupSize = quantizer.groupSize();
        int blockSize = type().blockSize();
        long sourceBytes = (long) blockSize * Float.BYTES;
        long targetBytes = type().blockBytes();
        long blocks = count / blockSize;
        for (long first = 0; first < blocks; first += groupSize) {
            int size = (int) Math.min(groupSize, blocks - first);
            long start = first * sourceBytes;
            MemorySegment groupImportance = buffer; // NULL without importance
            if (importance.byteSize() > 0) {
                groupImportance = buffer.asSlice(0, size * sourceBytes);
                repeat(importance, start % importance.byteSize(), groupImportance);
            }
            if (!quantizer.quantize(source, start, size, groupImportance, target, first * targetBytes)) {
                ggml.quantize(
                        (long) size * blockSize,
                        1,
                        source.asSlice(start, size * sourceBytes),
                        groupImportance,
                        target.asSlice(first * targetBytes, size * targetBytes));
            }
        }
    }

    private void quantizeRows(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        WeighedSimpleRow quantizer = weighedRow.get();
        long sourceBytes = rowLength * Float.BYTES;
        long targetBytes = type().rowBytes(rowLength);
        for (long first = 0; first < rowCount; first += WeighedSimpleRow.ROWS) {
            int rows = (int) Math.min(WeighedSimpleRow.ROWS, rowCount - first);
            quantizer.sumSquares(source, first * sourceBytes, rowLength, rows);
            for (int i = 0; i < rows; i++) {
                long start = (first + i) * sourceBytes;
                long targetStart = (first + i) * targetBytes;
                if (!quantizer.quantize(i, source, start, rowLength, importance, target, targetStart)) {
                    ggml.quantize(
                            rowLength,
                            1,
                            source.asSlice(start, sourceBytes),
                            importance,
                            target.asSlice(targetStart, targetBytes));
                }
            }
        }
    }

    /** Fills a segment with the importance of one row after another. */
    private static void repeat(MemorySegment importance, long offset, MemorySegment target) {
        long position = 0;
        long from = offset;
        while (position < target.byteSize()) {
            long bytes = Math.min(importance.byteSize() - from, target.byteSize() - position);
            MemorySegment.copy(importance, from, target, position, bytes);
            position += bytes;
            from = 0;
        }
    }

    private static boolean isUsual(MemorySegment source, long count) {
        return SwitchingFloatKernels.choose(count).countFrom(Float.floatToRawIntBits(VALUE_LIMIT), count, source) == 0;
    }
}
