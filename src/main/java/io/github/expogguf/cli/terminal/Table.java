package io.github.expogguf.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Text in columns: as wide as the widest cell, two spaces between. */
public final class Table {

    /** A longer cell sticks out, so that one of 60,000 characters does not pad thousands of lines. */
    private static final int MAX_WIDTH = 160;

    private static final int GAP = 2;

    /** Of the first column, below which a table is better parted. */
    private static final int MIN_WIDTH = 16;

    private final String[] headings;
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
        return write(widths());
    }

    private String write(int[] widths) {
        StringBuilder text = new StringBuilder();
        append(text, headings, widths);
        rows.forEach(row -> append(text, row, widths));
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[headings.length];
        widen(widths, headings);
        rows.forEach(row -> widen(widths, row));
        return widths;
    }

    /** Whether no line would be longer. */
    public boolean fits(int columns) {
        return sum(widths()) <= columns;
    }

    private static int sum(int[] widths) {
        return IntStream.of(widths).sum() + GAP * (widths.length - 1);
    }

    /**
     * The same with no line that is longer: what is long in the first column stands on a line of its own, or there are
     * several tables, below each other, that each begin with the first column.
     */
    public String fitting(int columns) {
        int[] widths = widths();
        int excess = sum(widths) - columns;
        if (excess > 0 && widths[0] - excess >= MIN_WIDTH) {
            widths[0] -= excess;
            return write(widths);
        }
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
            if (i == 1 && cells[0].length() > widths[0]) {
                text.append(cells[0]).append(System.lineSeparator());
                line.setLength(0);
                line.append(" ".repeat(widths[0]));
            }
            String padding = " ".repeat(Math.max(0, widths[i] - cells[i].length()));
            line.append(i == 0 ? "" : "  ").append(right[i] ? padding + cells[i] : cells[i] + padding);
        }
        text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
}
