package io.github.expogguf.quant;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;

/** The words for values that a type cannot hold. */
final class NonFinite {

    private NonFinite() {}

    /** @param found infinities and NaN among the values, before or after the conversion */
    static void requireNone(GgmlType type, long found, long count) {
        if (found != 0) {
            throw new NonFiniteException(found + " of " + count + " values are infinite or NaN"
                    + (type == GgmlType.F16 ? " as F16, which ends at 65504" : " as " + type));
        }
    }
}
