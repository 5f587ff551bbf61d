package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a template into text, tags and the tokens inside the tags. White space around tags is handled as transformers
 * does it for chat templates: {@code trim_blocks} (the newline behind a block goes) and {@code lstrip_blocks} (so does
 * the indentation before it), and {@code -} next to a delimiter takes all white space on its side.
 */
final class Lexer {

    /** What a piece of a template is. */
    enum Kind {
        TEXT,
        OUTPUT,
        BLOCK
    }

    /** A piece of a template; {@code text} for TEXT, {@code tokens} for the others. */
    record Piece(Kind kind, String text, List<Token> tokens) {}

    /** A token inside a tag; strings are unescaped. */
    record Token(Type type, String text) {
        enum Type {
            STRING,
            NUMBER,
            NAME,
            OPERATOR
        }
    }

    private static final String[] OPERATORS = {
        "==", "!=", "<=", ">=", "+", "-", "~", "%", "*", "/", "<", ">",
        "(", ")", "[", "]", "{", "}", ".", ",", "|", ":", "="
    };

    private final String source;
    private final List<Piece> pieces = new ArrayList<>();
    private int at;
    private boolean trimNext; // all white space of the next text
    private boolean trimNewline; // the newline at the beginning of the next text

    private Lexer(String source) {
        this.source = source;
    }

    static List<Piece> split(String source) throws JinjaException {
        // a newline at the end of a template is not part of it
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.pieces;
    }

    private void run() throws JinjaException {
        while (at < source.length()) {
            int tag = nextTag();
            boolean block = tag < source.length() && source.charAt(tag + 1) != '{';
            boolean trim = source.startsWith("-", tag + 2);
            addText(source.substring(at, tag), trim, block);
            if (tag == source.length()) {
                return;
            }
            at = tag + (trim ? 3 : 2);
            switch (source.charAt(tag + 1)) {
                case '#' -> skipComment();
                case '{' -> tag(Kind.OUTPUT, "}}");
                default -> tag(Kind.BLOCK, "%}");
            }
        }
    }

    private int nextTag() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    private void addText(String raw, boolean trimEnd, boolean beforeBlock) {
        String text = raw;
        if (trimEnd) {
            text = text.stripTrailing();
        } else if (beforeBlock) {
            text = withoutIndentation(text);
        }
        if (trimNext) {
            text = text.stripLeading();
        } else if (trimNewline && text.startsWith("\n")) {
            text = text.substring(1);
        }
        trimNext = false;
        trimNewline = false;
        if (!text.isEmpty()) {
            pieces.add(new Piece(Kind.TEXT, text, List.of()));
        }
    }

    /** Without the blanks of the last line, if it holds nothing else. */
    private String withoutIndentation(String raw) {
        int end = raw.length();
        while (end > 0 && (raw.charAt(end - 1) == ' ' || raw.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean wholeLine = end == 0 ? at == 0 : raw.charAt(end - 1) == '\n';
        return wholeLine ? raw.substring(0, end) : raw;
    }

    private void skipComment() throws JinjaException {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw JinjaException.unsupported("a comment that does not end");
        }
        endTag(end > at && source.charAt(end - 1) == '-', true, end + 2);
    }

    private void tag(Kind kind, String close) throws JinjaException {
        List<Token> tokens = new ArrayList<>();
        int braces = 0; // of mappings, which may stand before the end of the tag
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
            boolean trim = source.startsWith("-" + close, at);
            if (braces == 0 && (trim || source.startsWith(close, at))) {
                pieces.add(new Piece(kind, "", tokens));
                endTag(trim, kind == Kind.BLOCK, at + (trim ? 3 : 2));
                return;
            }
            Token token = token();
            tokens.add(token);
            if (token.type() == Token.Type.OPERATOR) {
                braces += token.text().equals("{") ? 1 : token.text().equals("}") ? -1 : 0;
            }
        }
    }

    private void endTag(boolean trim, boolean block, int next) {
        trimNext = trim;
        trimNewline = block;
        at = next;
    }

    private Token token() throws JinjaException {
        if (at >= source.length()) {
            throw JinjaException.unsupported("a tag that does not end");
        }
        char first = source.charAt(at);
        if (first == '\'' || first == '"') {
            return string(first);
        }
        if (Character.isDigit(first)) {
            return new Token(Token.Type.NUMBER, takeWhile(true));
        }
        if (Character.isLetter(first) || first == '_') {
            return new Token(Token.Type.NAME, takeWhile(false));
        }
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                at += operator.length();
                return new Token(Token.Type.OPERATOR, operator);
            }
        }
        throw JinjaException.unsupported("'" + first + "' in a tag");
    }

    private String takeWhile(boolean digits) {
        int start = at;
        while (at < source.length()
                && (digits
                        ? Character.isDigit(source.charAt(at))
                        : Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
            at++;
        }
        return source.substring(start, at);
    }

    private Token string(char quote) throws JinjaException {
        StringBuilder text = new StringBuilder();
        for (at++; at < source.length(); at++) {
            char c = source.charAt(at);
            if (c == quote) {
                at++;
                return new Token(Token.Type.STRING, text.toString());
            }
            if (c == '\\' && at + 1 < source.length()) {
                text.append(unescaped(source.charAt(++at)));
            } else {
                text.append(c);
            }
        }
        throw JinjaException.unsupported("a string that does not end");
    }

    private static String unescaped(char c) {
        return switch (c) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case '\\', '\'', '"' -> String.valueOf(c);
            default -> "\\" + c;
        };
    }
}
