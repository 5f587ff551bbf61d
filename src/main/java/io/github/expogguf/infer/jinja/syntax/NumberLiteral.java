package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import java.util.Locale;

/** PyNumbers in the source of a template: {@code 1_000}, {@code 0x1f}, {@code 2.5e3}. */
final class NumberLiteral {

    private NumberLiteral() {}

    /** Where the number ends that begins at a place; the place itself if none does. */
    static int end(String source, int from) {
        int whole = digits(source, from, 10);
        if (whole == from) {
            return from;
        }
        if (from == 0 || source.charAt(from - 1) != '.') {
            int real = realEnd(source, whole);
            if (real > whole) {
                return real;
            }
        }
        if (source.charAt(from) != '0') {
            return whole;
        }
        int radix = radix(source, from);
        if (radix != 10) {
            int start = source.startsWith("_", from + 2) ? from + 3 : from + 2;
            int end = digits(source, start, radix);
            if (end > start) {
                return end;
            }
        }
        int zeros = from + 1; // 0 and 0_0 are numbers, 01 is two
        while (source.startsWith("0", zeros) || source.startsWith("_0", zeros)) {
            zeros += source.charAt(zeros) == '_' ? 2 : 1;
        }
        return zeros;
    }

    private static int radix(String source, int from) {
        char mark = from + 1 < source.length() ? Character.toLowerCase(source.charAt(from + 1)) : ' ';
        return mark == 'b' ? 2 : mark == 'o' ? 8 : mark == 'x' ? 16 : 10;
    }

    /** The end of digits with single underscores among them. */
    private static int digits(String source, int from, int radix) {
        int at = from;
        while (isDigit(source, at, radix)
                || (at > from && source.startsWith("_", at) && isDigit(source, at + 1, radix))) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(String source, int at, int radix) {
        return at < source.length() && source.charAt(at) < 0x80 && Character.digit(source.charAt(at), radix) >= 0;
    }

    /** The end of a fraction, an exponent, or both, behind the whole part; the same place if there is neither. */
    private static int realEnd(String source, int whole) {
        int end = whole;
        if (source.startsWith(".", end) && isDigit(source, end + 1, 10)) {
            end = digits(source, end + 1, 10);
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            boolean signed = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0;
            int exponent = end + (signed ? 2 : 1);
            if (isDigit(source, exponent, 10)) {
                end = digits(source, exponent, 10);
            }
        }
        return end;
    }

    static Object value(String literal, int line) throws JinjaException {
        String digits = literal.replace("_", "").toLowerCase(Locale.ROOT);
        int radix = digits.length() > 1 && digits.charAt(0) == '0' ? radix(digits, 0) : 10;
        try {
            if (radix != 10) {
                return PyNumbers.parse(digits.substring(2), radix);
            }
            boolean real = digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0;
            return real ? (Object) Double.parseDouble(digits) : PyNumbers.parse(digits, 10);
        } catch (JinjaException e) {
            throw e.at(line);
        }
    }
}
