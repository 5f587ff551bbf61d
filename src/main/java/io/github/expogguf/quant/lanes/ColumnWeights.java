package io.github.expogguf.quant.lanes;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * How much each value's error counts in a search, as the callers of ggml's searches compute it (ggml-quants.c, ggml
 * 0.25.1). Arrays are {@code [length][COLUMNS]}.
 */
public final class ColumnWeights {

    private ColumnWeights() {}

    /** Squares ({@code make_qx_quants} with {@code rmse_type} 1). */
    public static void squares(float[] values, float[] weights) {
        for (int i = 0; i < values.length; i += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            x.mul(x).intoArray(weights, i);
        }
    }

    /** Magnitudes (quantize_row_q2_K_ref). */
    public static void magnitudes(float[] values, float[] weights) {
        for (int i = 0; i < values.length; i += LANES) {
            FloatVector.fromArray(FLOATS, values, i).abs().intoArray(weights, i);
        }
    }

    /** Magnitudes and the root of the mean square of the column (quantize_row_q4_K_ref). */
    public static void magnitudesAndRoot(float[] values, float[] weights) {
        for (int column = 0; column < COLUMNS; column += LANES) {
            FloatVector squares = FloatVector.zero(FLOATS);
            for (int i = column; i < values.length; i += COLUMNS) {
                FloatVector x = FloatVector.fromArray(FLOATS, values, i);
                squares = squares.add(x.mul(x));
            }
            FloatVector root = squares.div(values.length / COLUMNS).sqrt();
            for (int i = column; i < values.length; i += COLUMNS) {
                FloatVector x = FloatVector.fromArray(FLOATS, values, i);
                root.add(x.abs()).intoArray(weights, i);
            }
        }
    }

    /**
     * Importance times the root of what the square of a value and that of its super-block amount to
     * (quantize_row_q4_K_impl).
     *
     * @param squares of the super-block, for each column
     * @param weights holds the importance before
     */
    public static void importance(float[] values, float[] squares, float[] weights) {
        for (int column = 0; column < COLUMNS; column += LANES) {
            FloatVector square = FloatVector.fromArray(FLOATS, squares, column);
            for (int i = column; i < values.length; i += COLUMNS) {
                FloatVector x = FloatVector.fromArray(FLOATS, values, i);
                FloatVector root = square.add(x.mul(x)).sqrt();
                FloatVector.fromArray(FLOATS, weights, i).mul(root).intoArray(weights, i);
            }
        }
    }

    /**
     * The mean square of a super-block, several times: {@code sigma2}.
     *
     * @param columns of the super-block, all of which get the number
     */
    public static void meanSquare(
            MemorySegment floats, long offset, int factor, float[] squares, int column, int columns) {
        float sum = 0;
        for (int i = 0; i < BlockQuantizer.SUPER_BLOCK; i++) {
            float x = floats.get(JAVA_FLOAT_UNALIGNED, offset + (long) i * Float.BYTES);
            sum += x * x;
        }
        Arrays.fill(squares, column, column + columns, factor * sum / BlockQuantizer.SUPER_BLOCK);
    }
}
