package io.github.expogguf.testing;

/** Prints the counts of the trust suites, one line each, in the form that {@code make trust} gathers into a table. */
public final class TrustFigures {

    private TrustFigures() {}

    /** Prints {@code trust | what | figure}; neither part may hold a bar or a line break. */
    public static synchronized void print(String what, String figure) {
        requireOneCell(what);
        requireOneCell(figure);
        System.out.println("trust | " + what + " | " + figure);
    }

    private static void requireOneCell(String text) {
        if (text.isBlank() || text.indexOf('|') >= 0 || text.lines().count() != 1) {
            throw new IllegalArgumentException("not one cell of a table: " + text);
        }
    }
}
