package io.github.expogguf.cli.terminal;

/** Cells of comma-separated values. */
public final class Csv {

    private Csv() {}

    /** {@return a number, or nothing where JSON has null: for infinity and what is no number} */
    public static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }
}
