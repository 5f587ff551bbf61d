package io.github.expogguf.plan.options;

import io.github.expogguf.text.Escape;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * {@code REGEX=ALPHA}: tensors whose name contains a match get this alpha instead of that of the whole model; the first
 * rule that matches wins.
 *
 * @param name  looked for in the names of tensors
 * @param alpha what they get
 */
public record TensorAlphaRule(Pattern name, AlphaCurve alpha) {
    /** Refuses null. */
    public TensorAlphaRule {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(alpha, "alpha");
    }

    /**
     * Parses {@code REGEX=ALPHA}; what follows the last {@code =} is the alpha.
     *
     * @param text an expression, and a curve that {@link AlphaCurve#parse} reads
     * @return the rule
     * @throws IllegalArgumentException if it is not of this form
     * @see AlphaCurve#parse
     */
    public static TensorAlphaRule parse(String text) {
        Objects.requireNonNull(text, "text");
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not REGEX=ALPHA, as in ffn=0.2");
        }
        return new TensorAlphaRule(
                TensorTypeRule.expression(text.substring(0, equals)), AlphaCurve.parse(text.substring(equals + 1)));
    }

    /** {@return the text that {@link #parse} reads} */
    public String text() {
        return name.pattern() + "=" + alpha.text();
    }

    /** Same expression, flags and alpha; patterns themselves compare by identity. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TensorAlphaRule rule
                && alpha.equals(rule.alpha)
                && name.pattern().equals(rule.name.pattern())
                && name.flags() == rule.name.flags();
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }
}
