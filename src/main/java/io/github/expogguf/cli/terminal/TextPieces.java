package io.github.expogguf.cli.terminal;

import java.io.PrintStream;

/** Text on its way to a stream, which takes as long for a few characters as for thousands. */
public final class TextPieces {

    private static final int PIECE = 1 << 16;

    private final StringBuilder piece = new StringBuilder(2 * PIECE);
    private final PrintStream out;

    public TextPieces(PrintStream out) {
        this.out = out;
    }

    /** For what comes next; {@link #next} must follow before it gets long. */
    public StringBuilder piece() {
        return piece;
    }

    /** Passes on what there is if it is enough. */
    public void next() {
        if (piece.length() >= PIECE) {
            end();
        }
    }

    public void line(String text) {
        piece.append(text).append(System.lineSeparator());
        next();
    }

    /** Passes on what there is. */
    public void end() {
        out.append(piece);
        piece.setLength(0);
    }
}
