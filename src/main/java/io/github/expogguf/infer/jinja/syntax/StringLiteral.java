package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Strings;

/**
 * Strings in the source of a template. jinja2 first replaces what is not ASCII by escapes and then resolves all escapes
 * as Python does, so that a backslash before such a character protects the escape from being resolved.
 */
final class StringLiteral {

    private final String text;
    private final int line;
    private final StringBuilder result = new StringBuilder();
    private int at;

    private StringLiteral(String text, int line) {
        this.text = text;
        this.line = line;
    }

    static String value(String text, int line) throws JinjaException {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringLiteral literal = new StringLiteral(escaped(text), line);
        literal.run();
        return literal.result.toString();
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> escaped.append(c < 0x80 ? Strings.of(c) : Repr.escape(c)));
        return escaped.toString();
    }

    private void run() throws JinjaException {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\\' && at < text.length()) {
                escape(text.charAt(at++));
            } else {
                result.append(c);
            }
        }
    }

    private void escape(char c) throws JinjaException {
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> result.append(c);
            case 'a' -> result.append((char) 7);
            case 'b' -> result.append('\b');
            case 'f' -> result.append('\f');
            case 'n' -> result.append('\n');
            case 'r' -> result.append('\r');
            case 't' -> result.append('\t');
            case 'v' -> result.append((char) 11);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            case 'x' -> hexadecimal(2, "truncated \\xXX escape");
            case 'u' -> hexadecimal(4, "truncated \\uXXXX escape");
            case 'U' -> hexadecimal(8, "truncated \\UXXXXXXXX escape");
            case 'N' -> named();
            default -> result.append('\\').append(c);
        }
    }

    private void octal() {
        int end = at;
        while (end < Math.min(at + 2, text.length()) && Character.digit(text.charAt(end), 8) >= 0) {
            end++;
        }
        result.appendCodePoint(Integer.parseInt(text.substring(at - 1, end), 8));
        at = end;
    }

    private void hexadecimal(int length, String complaint) throws JinjaException {
        int end = at;
        while (end < Math.min(at + length, text.length()) && Character.digit(text.charAt(end), 16) >= 0) {
            end++;
        }
        if (end < at + length) {
            throw JinjaException.syntax(complaint, line);
        }
        append(Long.parseLong(text, at, end, 16));
        at = end;
    }

    private void append(long c) throws JinjaException {
        if (c > Character.MAX_CODE_POINT) {
            throw JinjaException.syntax("illegal Unicode character", line);
        }
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw JinjaException.unsupported("the lone surrogate " + Repr.escape((int) c))
                    .at(line);
        }
        result.appendCodePoint((int) c);
    }

    private void named() throws JinjaException {
        int end = text.startsWith("{", at) ? text.indexOf('}', at) : -1;
        if (end < at + 2) {
            throw JinjaException.syntax("malformed \\N character escape", line);
        }
        try {
            result.appendCodePoint(Character.codePointOf(text.substring(at + 1, end)));
        } catch (IllegalArgumentException e) {
            throw JinjaException.syntax("unknown Unicode character name", line);
        }
        at = end + 1;
    }
}
