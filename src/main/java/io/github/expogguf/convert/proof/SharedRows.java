package io.github.expogguf.convert.proof;

import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.util.BitSet;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which rows of a template and of a checkpoint are of the same token.
 *
 * @param own     tokens of the checkpoint, where they are not the template's
 * @param padding rows without a token, by the numbers of the template's tokens
 */
record SharedRows(Optional<OwnTokens> own, BitSet padding) {

    /** Of the template's tensor, with as many rows as the checkpoint has tokens. */
    Shape shape(TensorInfo tensor) {
        return own(tensor)
                .map(tokens -> isVector(tensor)
                        ? new Shape(tokens.texts().size())
                        : new Shape(tensor.shape().rowLength(), tokens.texts().size()))
                .orElse(tensor.shape());
    }

    /** The checkpoint's, of a tensor whose rows or values are those of tokens. */
    Optional<OwnTokens> own(TensorInfo tensor) {
        return own.filter(_ -> OwnTokens.haveRowsIn(tensor)
                || (OwnTokens.haveValuesIn(tensor) && !tensor.type().isQuantized()));
    }

    /** How many elements are of one token, or in a row. */
    long rowLength(TensorInfo tensor) {
        return own(tensor).isPresent() && isVector(tensor) ? 1 : tensor.shape().rowLength();
    }

    private static boolean isVector(TensorInfo tensor) {
        return tensor.shape().rank() == 1;
    }

    /**
     * Rows of tokens, and not those that pad a matrix, unless it has no others; empty where all are looked at. Where
     * tokens are others these are places among the common ones.
     */
    Optional<int[]> trained(TensorInfo tensor) {
        Optional<OwnTokens> others = own(tensor);
        boolean isPadded = !padding.isEmpty()
                && OwnTokens.haveRowsIn(tensor)
                && tensor.shape().rowCount() <= GgufLimits.maxStrings();
        if (others.isEmpty() && !isPadded) {
            return Optional.empty();
        }
        int count = others.map(tokens -> tokens.common().length)
                .orElseGet(() -> Math.toIntExact(tensor.shape().rowCount()));
        int[] rows = IntStream.range(0, count)
                .filter(row ->
                        !padding.get(others.isEmpty() ? row : others.get().counterparts()[row]))
                .toArray();
        return Optional.of(rows.length == 0 ? IntStream.range(0, count).toArray() : rows);
    }
}
