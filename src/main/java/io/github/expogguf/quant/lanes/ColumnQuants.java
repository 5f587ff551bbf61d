package io.github.expogguf.quant.lanes;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The final quants of the values of sub-blocks in columns, once the scales of the K types are rounded. Each is a byte,
 * and four that follow each other in a sub-block make an int, so that plain Java packs four at once.
 */
public final class ColumnQuants {

    private static final int AT_ONCE = Integer.BYTES;

    /** What the values of a column are divided by. */
    public final float[] scale = new float[COLUMNS];

    /** What is added to the values of a column before. */
    public final float[] min = new float[COLUMNS];

    private final int length;
    private final int least;
    private final int most;
    private final int[] fours; // [length / 4][COLUMNS]
    private final MemorySegment pairs; // the same, to read two at once

    /**
     * Quants are counted from the least one, which becomes 0.
     *
     * @param length values of a sub-block, a power of two
     * @param least  smallest integer that a value is rounded to
     * @param most   largest
     */
    public ColumnQuants(int length, int least, int most) {
        this.length = length;
        this.least = least;
        this.most = most;
        this.fours = new int[length / AT_ONCE * COLUMNS];
        this.pairs = MemorySegment.ofArray(fours);
    }

    /** Rounds {@code (value + min) / scale} in all columns; where the scale is 0 the quants have to be set. */
    public void divide(float[] values) {
        int[] fours = this.fours;
        for (int column = 0; column < COLUMNS; column += LANES) {
            FloatVector scale = FloatVector.fromArray(FLOATS, this.scale, column);
            FloatVector min = FloatVector.fromArray(FLOATS, this.min, column);
            for (int i = column; i < fours.length; i += COLUMNS) {
                int first = AT_ONCE * (i - column) + column;
                IntVector four = IntVector.zero(INTS);
                for (int k = 0; k < AT_ONCE; k++) {
                    FloatVector x = FloatVector.fromArray(FLOATS, values, first + k * COLUMNS);
                    IntVector quant =
                            Lanes.nearestInt(x.add(min).div(scale), least, most).sub(least);
                    four = four.lanewise(LSHR, Byte.SIZE).or(quant.lanewise(LSHL, 3 * Byte.SIZE));
                }
                four.intoArray(fours, i);
            }
        }
    }

    /** Sets the quant of a value of a column. */
    public void set(int column, int i, int quant) {
        int index = i / AT_ONCE * COLUMNS + column;
        int shift = i % AT_ONCE * Byte.SIZE;
        fours[index] = (fours[index] & ~(0xff << shift)) | quant << shift;
    }

    /**
     * Four quants of a column, from {@code 4 * row} on, in the lower half, and those of the next column in the upper
     * half.
     */
    public long pair(int row, int column) {
        return pairs.get(Lanes.EIGHT_BYTES, (long) (row * COLUMNS + column) * Integer.BYTES);
    }

    /**
     * The quants of a super-block in their order, the first in the lowest bits, from columns that follow each other.
     */
    public void copy(int firstColumn, int[] target) {
        int shift = Integer.numberOfTrailingZeros(length / AT_ONCE);
        int mask = length / AT_ONCE - 1;
        for (int i = 0; i < target.length; i++) {
            target[i] = fours[(i & mask) * COLUMNS + (i >> shift) + firstColumn];
        }
    }
}
