package io.github.expogguf.compare;

import java.util.Objects;

/**
 * One thing that a comparison says of a pair.
 *
 * @param weight how much it matters
 * @param text   in plain words
 */
public record Remark(Weight weight, String text) {
    /** Refuses null. */
    public Remark {
        Objects.requireNonNull(weight, "weight");
        Objects.requireNonNull(text, "text");
    }

    /** How much a remark matters. */
    public enum Weight {
        /** As it should be, or worth knowing. */
        NOTE,
        /** Extrapolating may disappoint. */
        WARNING,
        /** No pair, or nothing to extrapolate. */
        WRONG
    }
}
