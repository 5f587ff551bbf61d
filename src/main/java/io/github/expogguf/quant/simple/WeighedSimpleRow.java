package io.github.expogguf.quant.simple;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.simple.SimpleBlock.LENGTH;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Q4_0, Q4_1, Q5_0 and Q5_1 with importance (quantize_row_q4_0_impl to quantize_row_q5_1_impl of ggml-quants.c, ggml
 * 0.25.1). Goes by rows, for how much a value counts depends on the squares of its whole row. Holds the working memory:
 * one thread at a time.
 */
public final class WeighedSimpleRow {

    /** Rows whose squares are summed at once, at most. */
    public static final int ROWS = 4;

    private final int blockBytes;
    private final WeighedSimpleSearch search;
    private final float[] meanSquares = new float[ROWS];
    private final float[] meanSquare = new float[COLUMNS];

    public WeighedSimpleRow(GgmlType type) {
        this.blockBytes = type.blockBytes();
        this.search = switch (type) {
            case Q4_0, Q5_0 -> new WeighedSimpleScale(type);
            case Q4_1, Q5_1 -> new WeighedSimpleScaleMin(type);
            default -> throw new IllegalArgumentException(type + " is not quantized by rows");
        };
    }

    /**
     * Sums the squares of up to {@link #ROWS} rows that follow each other. ggml adds those of a row one by one; several
     * such chains keep the core busier than one.
     */
    public void sumSquares(MemorySegment source, long offset, long rowLength, int rows) {
        long rowBytes = rowLength * Float.BYTES;
        long second = Math.min(1, rows - 1) * rowBytes;
        long third = Math.min(2, rows - 1) * rowBytes;
        long fourth = Math.min(3, rows - 1) * rowBytes;
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (long i = offset; i < offset + rowBytes; i += Float.BYTES) {
            float x = source.get(JAVA_FLOAT_UNALIGNED, i);
            float y = source.get(JAVA_FLOAT_UNALIGNED, i + second);
            float z = source.get(JAVA_FLOAT_UNALIGNED, i + third);
            float w = source.get(JAVA_FLOAT_UNALIGNED, i + fourth);
            a += x * x;
            b += y * y;
            c += z * z;
            d += w * w;
        }
        meanSquares[0] = a / rowLength;
        meanSquares[1] = b / rowLength;
        meanSquares[2] = c / rowLength;
        meanSquares[3] = d / rowLength;
    }

    /**
     * Quantizes a row.
     *
     * @param row        its number among those whose squares were summed
     * @param offset     bytes before its first value
     * @param importance one float per column, finite and 0 or more
     * @return whether that worked, see {@link BlockQuantizer#quantize}
     */
    public boolean quantize(
            int row,
            MemorySegment source,
            long offset,
            long rowLength,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        Arrays.fill(meanSquare, meanSquares[row]);
        float[] values = search.values();
        float[] weights = search.weights();
        long blocks = rowLength / LENGTH;
        for (long first = 0; first < blocks; first += COLUMNS) {
            int count = (int) Math.min(COLUMNS, blocks - first);
            long start = first * LENGTH * Float.BYTES;
            Lanes.fill(source, offset + start, LENGTH, count, values);
            Lanes.fill(importance, start, LENGTH, count, weights);
            ColumnWeights.importance(values, meanSquare, weights);
            if (!search.run()) {
                return false;
            }
            for (int i = 0; i < count; i++) {
                long from = offset + start + (long) i * LENGTH * Float.BYTES;
                if (!search.write(i, source, from, target, targetOffset + (first + i) * blockBytes)) {
                    return false;
                }
            }
        }
        return true;
    }
}
