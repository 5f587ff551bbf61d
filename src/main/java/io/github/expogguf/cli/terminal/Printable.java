package io.github.expogguf.cli.terminal;

import io.github.expogguf.text.Escape;

/** Makes whole messages harmless on a terminal. */
public final class Printable {

    private Printable() {}

    /**
     * The message with its line breaks, tabs and backslashes, everything unprintable escaped. What is escaped already
     * stays as it is.
     */
    public static String message(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(character -> appendToMessage(printable, character));
        return printable.toString();
    }

    /** The same for what is one line: line breaks and tabs are a stranger's, who would forge another. */
    public static String line(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            if (character == '\\') {
                printable.append('\\');
            } else {
                Escape.append(printable, character);
            }
        });
        return printable.toString();
    }

    /** Appends one character as in {@link #message}. */
    public static void appendToMessage(StringBuilder printable, int character) {
        switch (character) {
            case '\n', '\t', '\\' -> printable.append((char) character);
            default -> Escape.append(printable, character);
        }
    }

    /**
     * What a model said, as it may stand on a terminal: escaped like a message, but joiners and direction marks stay,
     * without which Persian, Hebrew or composed emoji are wrong. Works on any part of the text.
     */
    public static String answer(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            switch (character) {
                case '\n', '\t', '\\', 0x200c, 0x200d, 0x200e, 0x200f -> printable.appendCodePoint(character);
                case '\r' -> {}
                default -> Escape.append(printable, character);
            }
        });
        return printable.toString();
    }
}
