package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.method.StringMethods;
import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Strings;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Splits a template into data and the tokens inside its tags, one at a time. White space around tags is handled as
 * transformers sets it: {@code trim_blocks} (the newline behind a block goes) and {@code lstrip_blocks} (so does the
 * indentation before it); {@code -} next to a delimiter takes all white space on its side, {@code +} leaves it.
 */
final class Lexer {

    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final Deque<Token> ready = new ArrayDeque<>();
    private final Deque<String> closing = new ArrayDeque<>(); // the parentheses that are open
    private int at;
    private int line = 1;
    private @Nullable String tagEnd; // "}}" or "%}" inside a tag, null outside

    Lexer(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        // one newline at the end of a template is not part of it
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    Token next() throws JinjaException {
        while (ready.isEmpty()) {
            if (tagEnd == null) {
                if (at >= source.length()) {
                    return new Token(line, Token.Type.END, "");
                }
                readData();
            } else if (!readTagEnd()) {
                skipSpaces();
                if (!readTagEnd()) {
                    if (at >= source.length()) {
                        return new Token(line, Token.Type.END, "");
                    }
                    readToken();
                }
            }
        }
        return ready.poll();
    }

    // data

    private void readData() throws JinjaException {
        int tag = nextTag();
        if (tag < 0) {
            emitData(source.substring(at));
            at = source.length();
            return;
        }
        char kind = source.charAt(tag + 1);
        char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        boolean signed = sign == '-' || sign == '+';
        emitText(source.substring(at, tag), sign, kind != '{');
        int raw = kind == '%' ? rawBegin(tag) : -1;
        at = tag + (signed ? 3 : 2);
        if (raw >= 0) {
            countLines(tag, raw);
            at = raw;
            readRaw();
        } else if (kind == '#') {
            skipComment();
        } else {
            tagEnd = kind == '{' ? "}}" : "%}";
            ready.add(new Token(line, kind == '{' ? Token.Type.OUTPUT_BEGIN : Token.Type.BLOCK_BEGIN, ""));
        }
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void emitText(String raw, char sign, boolean isBlock) {
        String text = raw;
        if (sign == '-') {
            text = Characters.strip(raw, false, true);
        } else if (sign != '+' && isBlock) {
            text = withoutIndentation(raw);
        }
        emitData(text);
        line += (int)
                raw.substring(text.length()).chars().filter(c -> c == '\n').count();
    }

    private void emitData(String text) {
        if (!text.isEmpty()) {
            ready.add(new Token(line, Token.Type.DATA, text));
            line += (int) text.chars().filter(c -> c == '\n').count();
        }
    }

    /** Without the white space of the last line, if it holds nothing else and begins here. */
    private String withoutIndentation(String text) {
        int start = text.lastIndexOf('\n') + 1;
        boolean wholeLine = start > 0 || at == 0 || source.charAt(at - 1) == '\n';
        boolean blank = Characters.strip(text.substring(start), true, false).isEmpty();
        return wholeLine && blank ? text.substring(0, start) : text;
    }

    private void countLines(int from, int to) {
        for (int i = from; i < to; i++) {
            line += source.charAt(i) == '\n' ? 1 : 0;
        }
    }

    private int spacesEnd(int from) {
        int end = from;
        while (end < source.length() && Characters.isSpace(source.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Behind {@code {% name %}}, if that is what stands at a place, or -1. */
    private int tagOf(String name, int tag) {
        int from = tag + 2;
        if (from < source.length() && "+-".indexOf(source.charAt(from)) >= 0) {
            from++;
        }
        int start = spacesEnd(from);
        return source.startsWith(name, start) ? spacesEnd(start + name.length()) : -1;
    }

    private int rawBegin(int tag) {
        int end = tagOf("raw", tag);
        if (end >= 0 && source.startsWith("-%}", end)) {
            return spacesEnd(end + 3);
        }
        return end >= 0 && source.startsWith("%}", end) ? end + 2 : -1; // the newline behind it stays
    }

    private void readRaw() throws JinjaException {
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            int close = tagOf("endraw", tag);
            int end = close < 0 ? -1 : endOf("%}", true, close);
            if (end >= 0) {
                emitText(source.substring(at, tag), source.charAt(tag + 2), true);
                countLines(tag, end);
                at = end;
                return;
            }
        }
        if (at < source.length()) {
            throw JinjaException.syntax("Missing end of raw directive", line);
        }
    }

    private void skipComment() throws JinjaException {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            if (at < source.length()) {
                throw JinjaException.syntax("Missing end of comment tag", line);
            }
            return;
        }
        boolean signed = close > at && "+-".indexOf(source.charAt(close - 1)) >= 0;
        int end = endOf("#}", true, signed ? close - 1 : close);
        countLines(at, end);
        at = end;
    }

    /** Behind the end of a tag and the white space that goes with it, or -1 if there is none at this place. */
    private int endOf(String end, boolean block, int from) {
        if (source.startsWith("-" + end, from)) {
            return spacesEnd(from + 3);
        }
        if (block && source.startsWith("+" + end, from)) {
            return from + 3;
        }
        if (!source.startsWith(end, from)) {
            return -1;
        }
        return block && source.startsWith("\n", from + 2) ? from + 3 : from + 2;
    }

    // inside a tag

    private boolean readTagEnd() {
        boolean block = "%}".equals(tagEnd);
        int end = tagEnd != null && closing.isEmpty() ? endOf(tagEnd, block, at) : -1;
        if (end < 0) {
            return false;
        }
        ready.add(new Token(line, block ? Token.Type.BLOCK_END : Token.Type.OUTPUT_END, ""));
        countLines(at, end);
        at = end;
        tagEnd = null;
        return true;
    }

    private void skipSpaces() {
        int end = spacesEnd(at);
        countLines(at, end);
        at = end;
    }

    private void readToken() throws JinjaException {
        char first = source.charAt(at);
        int number = NumberLiteral.end(source, at);
        if (number > at) {
            String digits = source.substring(at, number);
            Object value = NumberLiteral.value(digits, line);
            ready.add(new Token(line, value instanceof Double ? Token.Type.FLOAT : Token.Type.INTEGER, digits, value));
            at = number;
        } else if (isNamePart(source.codePointAt(at))) {
            readName();
        } else if (first == '\'' || first == '"') {
            readString(first);
        } else {
            readOperator();
        }
    }

    private static boolean isNamePart(int c) {
        return c == '_'
                || Characters.isAlphabetic(c)
                || Characters.isNumeric(c)
                || (Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }

    private void readName() throws JinjaException {
        int start = at;
        while (at < source.length() && isNamePart(source.codePointAt(at))) {
            at += Character.charCount(source.codePointAt(at));
        }
        String name = source.substring(start, at);
        if (!StringMethods.isIdentifier(name)) {
            throw JinjaException.syntax("Invalid character in identifier", line);
        }
        ready.add(new Token(line, Token.Type.NAME, name));
    }

    private void readString(char quote) throws JinjaException {
        for (int i = at + 1; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == quote) {
                String value = StringLiteral.value(source.substring(at + 1, i), line);
                ready.add(new Token(line, Token.Type.STRING, "", value));
                countLines(at, i);
                at = i + 1;
                return;
            }
        }
        throw unexpected();
    }

    private JinjaException unexpected() {
        return JinjaException.syntax(
                "unexpected char " + Repr.of(Strings.of(source.codePointAt(at))) + " at "
                        + source.codePointCount(0, at),
                line);
    }

    private void readOperator() throws JinjaException {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                balance(operator);
                ready.add(new Token(line, Token.Type.OPERATOR, operator));
                at += operator.length();
                return;
            }
        }
        throw unexpected();
    }

    private void balance(String operator) throws JinjaException {
        switch (operator) {
            case "{" -> closing.push("}");
            case "(" -> closing.push(")");
            case "[" -> closing.push("]");
            case "}", ")", "]" -> {
                if (closing.isEmpty()) {
                    throw JinjaException.syntax("unexpected '" + operator + "'", line);
                }
                String expected = closing.pop();
                if (!expected.equals(operator)) {
                    throw JinjaException.syntax("unexpected '" + operator + "', expected '" + expected + "'", line);
                }
            }
            default -> {}
        }
    }
}
