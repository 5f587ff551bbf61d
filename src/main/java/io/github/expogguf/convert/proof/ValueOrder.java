package io.github.expogguf.convert.proof;

import io.github.expogguf.gguf.GgmlType;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Whether values may have become those of a template by rounding alone: that may make neighbours equal, and never turns
 * them round, whatever scales and importance a quantizer chose. Weights that training moved, be it by a hundredth of a
 * step, have another order somewhere.
 */
final class ValueOrder {

    /** Neighbours that share a scale in every type. */
    private static final int GROUP = 16;

    private ValueOrder() {}

    /** Types that round each value by itself; the others look for a point of a codebook for several. */
    static boolean isKept(GgmlType type) {
        return !type.name().matches("IQ[123]_.*");
    }

    /** How many values of the template are smaller than that of a smaller value in their group. */
    static int reversed(float[] template, float[] values) {
        int reversed = 0;
        for (int start = 0; start < values.length; start += GROUP) {
            int first = start;
            Integer[] order = new Integer[Math.min(GROUP, values.length - start)];
            Arrays.setAll(order, i -> first + i);
            Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
            float largest = Float.NEGATIVE_INFINITY; // of those before, whose values are smaller
            for (int from = 0; from < order.length; ) {
                int end = from;
                while (end < order.length && values[order[end]] == values[order[from]]) {
                    end++;
                }
                float before = largest;
                for (; from < end; from++) {
                    reversed += template[order[from]] < before ? 1 : 0;
                    largest = Math.max(largest, template[order[from]]);
                }
            }
        }
        return reversed;
    }
}
