package io.github.expogguf.search.votes;

/**
 * Two alphas to compare, in no order that means anything to who hears them.
 *
 * @param low  the smaller
 * @param high the larger
 */
public record AlphaPair(float low, float high) {

    /**
     * Checks the order.
     *
     * @throws IllegalArgumentException if the first is not smaller
     */
    public AlphaPair {
        if (!(low < high)) {
            throw new IllegalArgumentException("alphas " + low + " and " + high + ", expected the smaller first");
        }
    }
}
