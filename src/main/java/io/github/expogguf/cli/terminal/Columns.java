package io.github.expogguf.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Texts side by side, their lines broken between words. Pure. */
public final class Columns {

    /** Narrower ones are hard to read. */
    static final int MIN_WIDTH = 24;

    private static final int GAP = 3;

    private final List<String> headings;
    private final List<String> texts;

    /** @param headings one per text */
    public Columns(List<String> headings, List<String> texts) {
        this.headings = headings;
        this.texts = texts;
    }

    /** Width of each of some columns on a terminal. */
    static int width(int columns, int terminalColumns) {
        return (terminalColumns - GAP * (columns - 1)) / columns;
    }

    /** Whether they are wide enough. */
    public static boolean fit(int columns, int terminalColumns) {
        return width(columns, terminalColumns) >= MIN_WIDTH;
    }

    /** Headings, rules and texts; each line ended. */
    public String write(int terminalColumns) {
        int width = width(texts.size(), terminalColumns);
        List<List<String>> columns = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            List<String> lines = new ArrayList<>();
            lines.add(headings.get(i));
            lines.add("-".repeat(width));
            lines.addAll(wrap(texts.get(i), width));
            columns.add(lines);
        }
        int height = columns.stream().mapToInt(List::size).max().orElse(0);
        StringBuilder out = new StringBuilder();
        for (int row = 0; row < height; row++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns.size(); i++) {
                String cell = row < columns.get(i).size() ? columns.get(i).get(row) : "";
                line.append(i == 0 ? "" : " ".repeat(GAP)).append(cell);
                line.append(" ".repeat(Math.max(0, width - width(cell))));
            }
            out.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return out.toString();
    }

    /** Lines of at most so many cells; a word that is longer is cut. */
    static List<String> wrap(String text, int width) {
        return wrap(text, width, true);
    }

    /** The same; a word that is longer, as paths are, stands whole on a line of its own. */
    public static List<String> ofWords(String text, int width) {
        return wrap(text, width, false);
    }

    private static List<String> wrap(String text, int width, boolean cutsWords) {
        List<String> lines = new ArrayList<>();
        for (String paragraph : text.split("\n", -1)) {
            StringBuilder line = new StringBuilder();
            for (String word : paragraph.replace('\t', ' ').split(" ", -1)) {
                if (!line.isEmpty() && width(line) + 1 + width(word) > width) {
                    lines.add(line.toString());
                    line.setLength(0);
                }
                line.append(line.isEmpty() ? "" : " ").append(word);
                for (int end = cut(line, width); cutsWords && end < line.length(); end = cut(line, width)) {
                    lines.add(line.substring(0, end));
                    line.delete(0, end);
                }
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /** Prints a line of a report as lines that fit the terminal. */
    public static void print(PrintStream out, String line) {
        broken(line, Terminal.ofStdout().columns()).forEach(out::println);
    }

    /** The same of what may be read by a program, which gets one line. */
    public static void printFinding(PrintStream out, String line) {
        if (Terminal.ofStdout().interactive()) {
            print(out, line);
        } else {
            out.println(line);
        }
    }

    /**
     * A line as lines that fit: the first keeps its blanks, the others are two further in. A word that is too long, as
     * paths are, stands whole on a line of its own.
     */
    public static List<String> broken(String line, int width) {
        if (width(line) <= width) {
            return List.of(line);
        }
        int blanks = line.length() - line.stripLeading().length();
        List<String> lines = new ArrayList<>();
        for (String part : ofWords(line.strip(), width - blanks - 2)) {
            lines.add(" ".repeat(lines.isEmpty() ? blanks : blanks + 2) + part);
        }
        return lines;
    }

    /** Where the text has to end to fit; at least one character stays. */
    static int cut(CharSequence text, int width) {
        int end = 0;
        int cells = 0;
        while (end < text.length()) {
            int character = Character.codePointAt(text, end);
            cells += width(character);
            if (cells > width && end > 0) {
                return end;
            }
            end += Character.charCount(character);
        }
        return end;
    }

    /** Cells of a terminal that a text takes. */
    public static int width(CharSequence text) {
        return width(text, 0);
    }

    /** Cells that the text takes from an index on. */
    public static int width(CharSequence text, int from) {
        int cells = 0;
        for (int at = from; at < text.length(); ) { // a stream costs more than its characters where there are millions
            int character = Character.codePointAt(text, at);
            cells += width(character);
            at += Character.charCount(character);
        }
        return cells;
    }

    /** 2 for East Asian characters and emoji, 0 for what is drawn over the one before, else 1. */
    private static int width(int character) {
        if (character < 0x80) {
            return 1;
        }
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = switch (Character.UnicodeScript.of(character)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO -> !(character >= 0xff61 && character <= 0xffdc);
            default ->
                (character >= 0x3000 && character <= 0x303f)
                        || (character >= 0xff01 && character <= 0xff60)
                        || (character >= 0xffe0 && character <= 0xffe6)
                        || Character.isEmojiPresentation(character);
        };
        return wide ? 2 : 1;
    }
}
