package io.github.expogguf.gguf;

import java.util.Arrays;
import java.util.Objects;

/**
 * Dimensions of a tensor, the row length first, as in GGUF: {@code [rowLength, rows]} for a matrix,
 * {@code [rowLength, rows, experts]} for stacked matrices.
 *
 * @param dimensions one to four sizes, each at least 1, with a product below 2^63
 */
public record Shape(long... dimensions) {

    /** Most dimensions a tensor can have ({@code GGML_MAX_DIMS}). */
    public static final int MAX_DIMENSIONS = 4;

    /**
     * Checks count, signs and product.
     *
     * @throws IllegalArgumentException if there are none or too many, or one is below 1
     * @throws ArithmeticException      if the product is 2^63 or more
     */
    public Shape {
        Objects.requireNonNull(dimensions, "dimensions");
        dimensions = dimensions.clone();
        if (dimensions.length < 1 || dimensions.length > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(dimensions.length + " dimensions, expected 1 to " + MAX_DIMENSIONS
                    + (dimensions.length == 0 ? "" : ", " + GgufLimits.WHOSE_DIMENSIONS));
        }
        long product = 1;
        for (long dimension : dimensions) {
            if (dimension < 1) {
                throw new IllegalArgumentException("dimension " + dimension + " is below 1");
            }
            product = Math.multiplyExact(product, dimension);
        }
    }

    /** {@return a copy of the dimensions, the contiguous one first} */
    @Override
    public long[] dimensions() {
        return dimensions.clone();
    }

    /**
     * {@return the size of a dimension; 1 beyond the last}
     *
     * @param index from 0
     */
    public long dimension(int index) {
        return index < dimensions.length ? dimensions[index] : 1;
    }

    /** {@return elements of a row} */
    public long rowLength() {
        return dimensions[0];
    }

    /** {@return rows over all further dimensions} */
    public long rowCount() {
        return elementCount() / dimensions[0];
    }

    /** {@return all elements} */
    public long elementCount() {
        long product = 1;
        for (long dimension : dimensions) {
            product *= dimension;
        }
        return product;
    }

    /** {@return dimensions without trailing ones ({@code ggml_n_dims}): {@code [32, 1]} counts 1} */
    public int rank() {
        int rank = dimensions.length;
        while (rank > 1 && dimensions[rank - 1] == 1) {
            rank--;
        }
        return rank;
    }

    /** Equal up to trailing ones. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, 0, rank(), shape.dimensions, 0, shape.rank());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(Arrays.copyOf(dimensions, rank()));
    }

    /** As in {@code 4096x32000}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (long dimension : dimensions) {
            text.append(text.isEmpty() ? "" : "x").append(dimension);
        }
        return text.toString();
    }
}
