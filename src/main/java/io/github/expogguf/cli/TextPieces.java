package io.github.expogguf.cli;

import java.io.PrintStream;

/** Text on its way to a stream, which takes as long for a few characters as for thousands. */
final class TextPieces {

    private static final int PIECE = 1 << 16;

    private final StringBuilder piece = new StringBuilder(2 * PIECE);
    private final PrintStream out;

    TextPieces(PrintStream out) {
        this.out = out;
    }

    /** For what comes next; {@link #next} must follow before it gets long. */
    StringBuilder piece() {
        return piece;
    }

    /** Passes on what there is if it is enough. */
    void next() {
        if (piece.length() >= PIECE) {
            end();
        }
    }

    void line(String text) {
        piece.append(text).append(System.lineSeparator());
        next();
    }

    /** Passes on what there is. */
    void end() {
        out.append(piece);
        piece.setLength(0);
    }
}
