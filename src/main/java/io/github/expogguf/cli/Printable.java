package io.github.expogguf.cli;

import io.github.expogguf.gguf.Escape;

/** Makes whole messages harmless on a terminal. */
final class Printable {

    private Printable() {}

    /**
     * The message with its line breaks, tabs and backslashes, everything unprintable escaped. What is escaped already
     * stays as it is.
     */
    static String message(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            switch (character) {
                case '\n', '\t', '\\' -> printable.appendCodePoint(character);
                default -> printable.append(Escape.text(Character.toString(character)));
            }
        });
        return printable.toString();
    }
}
