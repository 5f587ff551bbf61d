package io.github.expogguf.convert.rule;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code a | b}, {@code a + b}, {@code a - b}, {@code a * b}, {@code a / b}, brackets, numbers and names. */
public final class ExpressionReader {

    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");
    private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_.]*)(?:\\[(\\d{1,6})])?");

    private final String text;
    private int at;

    private ExpressionReader(String text) {
        this.text = text;
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static NumberExpression read(String text) {
        ExpressionReader reader = new ExpressionReader(text);
        NumberExpression expression = reader.alternatives();
        if (reader.peek() != 0) {
            throw reader.unexpected();
        }
        return expression;
    }

    private NumberExpression alternatives() {
        NumberExpression left = sum();
        while (peek() == '|') {
            at++;
            left = left.or(sum());
        }
        return left;
    }

    private NumberExpression sum() {
        NumberExpression left = product();
        while (true) {
            char sign = peek();
            if (sign == '+') {
                at++;
                left = left.combine(Double::sum, product());
            } else if (sign == '-') {
                at++;
                left = left.combine((one, other) -> one - other, product());
            } else {
                return left;
            }
        }
    }

    private NumberExpression product() {
        NumberExpression left = atom();
        while (true) {
            char sign = peek();
            if (sign == '*') {
                at++;
                left = left.combine((one, other) -> one * other, atom());
            } else if (sign == '/') {
                at++;
                left = left.combine((one, other) -> one / other, atom());
            } else {
                return left;
            }
        }
    }

    private NumberExpression atom() {
        if (peek() == '(') {
            at++;
            NumberExpression inner = alternatives();
            if (peek() != ')') {
                throw unexpected();
            }
            at++;
            return inner;
        }
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (number.lookingAt()) {
            at = number.end();
            double value = Double.parseDouble(number.group());
            return _ -> OptionalDouble.of(value);
        }
        Matcher name = NAME.matcher(text).region(at, text.length());
        if (!name.lookingAt()) {
            throw unexpected();
        }
        at = name.end();
        String key = name.group(1);
        if (name.group(2) == null) {
            return scope -> scope.value(key);
        }
        int index = Integer.parseInt(name.group(2));
        return scope -> scope.numbers().number(key, index);
    }

    /** The next character that is no space, 0 at the end. */
    private char peek() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("not an expression from its character " + (at + 1) + " on: " + text);
    }
}
