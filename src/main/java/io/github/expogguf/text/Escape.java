package io.github.expogguf.text;

import java.util.HexFormat;
import java.util.Locale;

/**
 * Makes text from a file safe to print: control, bidirectional, unassigned and lone surrogate characters become
 * escapes, so that a crafted name cannot move the cursor, recolour a terminal or forge a second line of a message.
 */
public final class Escape {

    /** Longest quoted name; keys may have 65,535 bytes. */
    private static final int MAX_QUOTED = 120;

    private static final HexFormat HEX = HexFormat.of();

    private Escape() {}

    /** The text with backslash and everything unprintable escaped; line feeds, too. */
    public static String text(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(character -> append(out, character));
        return out.toString();
    }

    /** Whether nothing needs an escape, which is true of nearly every text and quickly told. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit < ' ' || unit > '~' || unit == '\\') {
                return false;
            }
        }
        return true;
    }

    /** The text escaped, in single quotes, cut after 120 characters. */
    public static String quote(String text) {
        if (text.codePointCount(0, text.length()) <= MAX_QUOTED) {
            return "'" + text(text) + "'";
        }
        return "'" + text(text.substring(0, text.offsetByCodePoints(0, MAX_QUOTED))) + "…'";
    }

    /** A word for a POSIX shell, quoted where it needs that. */
    public static String shellWord(String word) {
        return word.matches("[A-Za-z0-9_./=:,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Appends one character, escaped as in {@link #text}. */
    public static void append(StringBuilder out, int character) {
        if (character >= ' ' && character <= '~' && character != '\\') {
            out.append((char) character);
            return;
        }
        switch (character) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\\' -> out.append("\\\\");
            default -> {
                if (isPrintable(character)) {
                    out.appendCodePoint(character);
                } else {
                    appendCode(out, character);
                }
            }
        }
    }

    /** By hand, since a file may hold millions. */
    private static void appendCode(StringBuilder out, int character) {
        if (character < 0x100) {
            out.append("\\x");
            HEX.toHexDigits(out, (byte) character);
        } else {
            out.append("\\u{").append(Integer.toHexString(character)).append('}');
        }
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** A UTF-16 unit by its number, as JSON, YAML and Java write it: {@code \u0007}. */
    public static String unit(int unit) {
        return String.format(Locale.ROOT, "\\u%04x", unit);
    }
}
