package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.FLOATS;
import static io.github.expogguf.quant.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * What Q4_K and Q5_K share (quantize_row_q4_K_ref and quantize_row_q5_K_ref of ggml-quants.c, ggml 0.23.0): a
 * super-block holds eight sub-blocks of 32 values, whose scales and minima are quantized to 6 bits.
 *
 * <pre>
 * bytes | meaning
 * 0-1   | d, half, scale of the scales
 * 2-3   | dmin, half, scale of the minima
 * 4-15  | scales and minima, 6 bits each
 * 16-   | quants
 * </pre>
 */
abstract class WideScaleMin implements BlockQuantizer {

    /** Bytes before the quants. */
    static final int HEADER_BYTES = 16;

    static final int SUB_BLOCK = 32;

    private static final int SUB_BLOCKS = SUPER_BLOCK / SUB_BLOCK;
    private static final int GROUP_SIZE = Lanes.COLUMNS / SUB_BLOCKS;
    private static final int SCALES_OFFSET = 4;
    private static final int MOST_SCALE = 63;

    private final int blockBytes;
    private final int most;
    private final ScaleMinSearch search;
    private final int[] scales = new int[SUB_BLOCKS];
    private final int[] mins = new int[SUB_BLOCKS];
    private final int[] quants = new int[SUPER_BLOCK];

    WideScaleMin(GgmlType type, int most, float rmin, float rdelta, int nstep) {
        this.blockBytes = type.blockBytes();
        this.most = most;
        this.search = new ScaleMinSearch(SUB_BLOCK, most, rmin, rdelta, nstep);
    }

    /** Packs the quants of a super-block, in their order, behind its header. */
    abstract void pack(int[] quants, MemorySegment target, long offset);

    @Override
    public final int groupSize() {
        return GROUP_SIZE;
    }

    @Override
    public final boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        long sourceBytes = (long) SUPER_BLOCK * Float.BYTES;
        for (int i = 0; i < GROUP_SIZE; i++) {
            long offset = sourceOffset + Math.min(i, count - 1) * sourceBytes; // the last one again fills the columns
            Lanes.transpose(source, offset, SUB_BLOCK, SUB_BLOCKS, search.values, i * SUB_BLOCKS);
        }
        if (!search.run()) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            long blockOffset = targetOffset + (long) i * blockBytes;
            if (!finish(source, sourceOffset + i * sourceBytes, i * SUB_BLOCKS, target, blockOffset)) {
                return false;
            }
        }
        return true;
    }

    /** Quantizes the scales and minima that were found, and the values with what remains of them. */
    private boolean finish(
            MemorySegment source, long sourceOffset, int column, MemorySegment target, long targetOffset) {
        float maxScale = 0;
        float maxMin = 0;
        for (int j = column; j < column + SUB_BLOCKS; j++) {
            maxScale = search.scale[j] > maxScale ? search.scale[j] : maxScale;
            maxMin = -search.min[j] > maxMin ? -search.min[j] : maxMin;
        }
        float inverseScale = maxScale > 0 ? MOST_SCALE / maxScale : 0;
        float inverseMin = maxMin > 0 ? MOST_SCALE / maxMin : 0;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            scales[j] = sixBits(inverseScale * search.scale[column + j]);
            mins[j] = sixBits(inverseMin * -search.min[column + j]);
        }
        short d = Float.floatToFloat16(maxScale / MOST_SCALE);
        short dmin = Float.floatToFloat16(maxMin / MOST_SCALE);
        if (!Lanes.isFiniteHalf(d) || !Lanes.isFiniteHalf(dmin)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset, d);
        target.set(Lanes.HALF, targetOffset + Short.BYTES, dmin);
        packScales(target, targetOffset + SCALES_OFFSET);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            long offset = sourceOffset + (long) j * SUB_BLOCK * Float.BYTES;
            float scale = Float.float16ToFloat(d) * scales[j];
            if (scale != 0) {
                divide(source, offset, Float.float16ToFloat(dmin) * mins[j], scale, j * SUB_BLOCK);
            } else { // then the quants of the search stay, for no value depends on them
                multiply(source, offset, search.quantMin[column + j], search.quantScale[column + j], j * SUB_BLOCK);
            }
        }
        pack(quants, target, targetOffset);
        return true;
    }

    /** A byte in ggml before it is limited, so that a negative one becomes large. */
    private static int sixBits(float value) {
        return Math.min(MOST_SCALE, Lanes.nearestInt(value) & 0xff);
    }

    /**
     * <pre>
     * byte  | bits 7-6          | bits 5-0
     * 0-3   | scale 4-7, 5-4    | scale 0-3
     * 4-7   | min 4-7, 5-4      | min 0-3
     * byte  | bits 7-4          | bits 3-0
     * 8-11  | min 4-7, 3-0      | scale 4-7, 3-0
     * </pre>
     */
    private void packScales(MemorySegment target, long offset) {
        for (int j = 0; j < 4; j++) {
            target.set(JAVA_BYTE, offset + j, (byte) (scales[j] | scales[j + 4] >> 4 << 6));
            target.set(JAVA_BYTE, offset + j + 4, (byte) (mins[j] | mins[j + 4] >> 4 << 6));
            target.set(JAVA_BYTE, offset + j + 8, (byte) (scales[j + 4] & 15 | mins[j + 4] << 4));
        }
    }

    private void divide(MemorySegment source, long offset, float min, float scale, int first) {
        FloatVector divisor = FloatVector.broadcast(FLOATS, scale);
        for (int i = 0; i < SUB_BLOCK; i += LANES) {
            FloatVector x = Lanes.load(source, offset + (long) i * Float.BYTES);
            Lanes.nearestInt(x.add(min).div(divisor), 0, most).intoArray(quants, first + i);
        }
    }

    private void multiply(MemorySegment source, long offset, float min, float factor, int first) {
        for (int i = 0; i < SUB_BLOCK; i += LANES) {
            FloatVector x = Lanes.load(source, offset + (long) i * Float.BYTES);
            Lanes.nearestInt(x.sub(min).mul(factor), 0, most).intoArray(quants, first + i);
        }
    }
}
