package io.github.expogguf.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Text in columns: as wide as the widest cell, two spaces between. */
public final class Table {

    private final String[] headings;
    /** A longer cell sticks out, so that one of 60,000 characters does not pad thousands of lines. */
    private static final int MAX_WIDTH = 160;

    private static final int GAP = 2;

    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /** @param headings one per column; a leading {@code >} aligns the column to the right and is not shown */
    public Table(String... headings) {
        this.headings = new String[headings.length];
        this.right = new boolean[headings.length];
        for (int i = 0; i < headings.length; i++) {
            right[i] = headings[i].startsWith(">");
            this.headings[i] = right[i] ? headings[i].substring(1) : headings[i];
        }
    }

    public void add(String... cells) {
        if (cells.length != headings.length) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.length + " columns");
        }
        rows.add(cells);
    }

    /** Headings and rows, each line ended. */
    @Override
    public String toString() {
        int[] widths = new int[headings.length];
        widen(widths, headings);
        rows.forEach(row -> widen(widths, row));
        StringBuilder text = new StringBuilder();
        append(text, headings, widths);
        rows.forEach(row -> append(text, row, widths));
        return text.toString();
    }

    /**
     * The same in as many tables, below each other, as it takes for no line to be longer; each begins with the first
     * column.
     */
    public String fitting(int columns) {
        int[] widths = new int[headings.length];
        widen(widths, headings);
        rows.forEach(row -> widen(widths, row));
        StringBuilder text = new StringBuilder();
        for (int from = 1; from < headings.length; ) {
            int to = from;
            int width = widths[0];
            while (to < headings.length && (to == from || width + GAP + widths[to] <= columns)) {
                width += GAP + widths[to++];
            }
            text.append(from == 1 ? "" : System.lineSeparator()).append(part(from, to));
            from = to;
        }
        return text.toString();
    }

    private Table part(int from, int to) {
        int[] shown =
                IntStream.concat(IntStream.of(0), IntStream.range(from, to)).toArray();
        Table part = new Table(IntStream.of(shown)
                .mapToObj(i -> (right[i] ? ">" : "") + headings[i])
                .toArray(String[]::new));
        rows.forEach(row -> part.add(IntStream.of(shown).mapToObj(i -> row[i]).toArray(String[]::new)));
        return part;
    }

    private static void widen(int[] widths, String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            widths[i] = Math.max(widths[i], Math.min(MAX_WIDTH, cells[i].length()));
        }
    }

    private void append(StringBuilder text, String[] cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String padding = " ".repeat(Math.max(0, widths[i] - cells[i].length()));
            line.append(i == 0 ? "" : "  ").append(right[i] ? padding + cells[i] : cells[i] + padding);
        }
        text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
}
