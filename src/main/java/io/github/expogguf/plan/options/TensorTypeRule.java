package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.match.NameExpression;
import io.github.expogguf.text.Escape;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * {@code --tensor-type REGEX=TYPE} of llama-quantize: tensors whose name contains a match get the type; the first rule
 * that matches wins.
 *
 * @param name looked for in the names of tensors
 * @param type what they get
 */
public record TensorTypeRule(Pattern name, GgmlType type) {

    private static final Pattern ESCAPE_OR_CAPITAL = Pattern.compile("\\\\.|[A-Z]");
    private static final int MAX_LENGTH = 1024; // an expression is compiled recursively

    /** Refuses null. */
    public TensorTypeRule {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    /**
     * Parses {@code REGEX=TYPE}; what follows the last {@code =} is the type.
     *
     * @param text an expression of {@link java.util.regex.Pattern}, and the name of a tensor type
     * @return the rule
     * @throws IllegalArgumentException if it is not of this form
     */
    public static TensorTypeRule parse(String text) {
        Objects.requireNonNull(text, "text");
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not REGEX=TYPE, as in attn_v=q8_0");
        }
        Pattern name = expression(text.substring(0, equals));
        return new TensorTypeRule(name, GgmlType.parse(text.substring(equals + 1)));
    }

    /**
     * The same, with the expression in lower case, as llama-quantize reads it; escapes are spared, because an escaped S
     * is not an escaped s.
     *
     * @param text an expression of {@link java.util.regex.Pattern}, and the name of a tensor type
     * @return the rule
     * @throws IllegalArgumentException if it is not of this form
     */
    public static TensorTypeRule parseInLowerCase(String text) {
        return parse(ESCAPE_OR_CAPITAL
                .matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(
                        match.group().length() > 1
                                ? match.group()
                                : match.group().toLowerCase(Locale.ROOT))));
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

    /** {@return the text that {@link #parse} reads} */
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
