package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.match.NameExpression;
import io.github.expogguf.text.Escape;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * {@code --tensor-type REGEX=TYPE} of llama-quantize: tensors whose name contains a match get the type; the first
 * rule that matches wins.
 */
public record TensorTypeRule(Pattern name, GgmlType type) {

    private static final int MAX_LENGTH = 1024; // an expression is compiled recursively

    /**
     * Parses {@code REGEX=TYPE}; what follows the last {@code =} is the type.
     *
     * @throws IllegalArgumentException if it is not of this form
     */
    public static TensorTypeRule parse(String text) {
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not REGEX=TYPE");
        }
        Pattern name = expression(text.substring(0, equals));
        return new TensorTypeRule(name, GgmlType.parse(text.substring(equals + 1)));
    }

    /**
     * @throws IllegalArgumentException if it is none, too large, or uses what {@link NameExpression} does not support
     */
    static Pattern expression(String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "an expression of " + regex.length() + " characters, expected at most " + MAX_LENGTH);
        }
        try {
            Pattern pattern = Pattern.compile(regex);
            NameExpression.check(pattern);
            return pattern;
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException(
                    Escape.quote(regex) + ": " + wrong.getDescription() + " in the expression", wrong);
        }
    }

    /** The text that {@link #parse} reads. */
    public String text() {
        return name.pattern() + "=" + type;
    }

    /** Same expression, flags and type; patterns themselves compare by identity. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TensorTypeRule rule
                && type == rule.type
                && name.pattern().equals(rule.name.pattern())
                && name.flags() == rule.name.flags();
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }
}
