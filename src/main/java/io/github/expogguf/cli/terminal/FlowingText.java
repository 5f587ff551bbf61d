package io.github.expogguf.cli.terminal;

import java.lang.Character.UnicodeScript;
import java.text.BreakIterator;
import java.util.Locale;

/**
 * Text that comes in pieces, as lines that fit a terminal: broken between words, and in scripts without blanks where
 * their rules allow it. The last word is held back until it is whole; one that is longer than a line is cut.
 */
public final class FlowingText {

    private static final int TAB = 8;

    private final int width;
    private final BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
    private final StringBuilder blanks = new StringBuilder(); // before the word
    private final StringBuilder word = new StringBuilder();
    private int column;

    /**
     * Nothing so far.
     *
     * @param columns of the terminal
     * @param begin   cells before the text on its first line
     */
    public FlowingText(int columns, int begin) {
        this.width = columns;
        this.column = begin;
    }

    /** Takes a piece; returns what can be shown by now. */
    public String add(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(character -> {
            if (Character.isWhitespace(character)) {
                show(shown);
                blank(character, shown);
            } else {
                append(character, shown);
            }
        });
        return shown.toString();
    }

    /** The text is over; returns what was held back. */
    public String end() {
        StringBuilder shown = new StringBuilder();
        show(shown);
        return shown.toString();
    }

    private void blank(int character, StringBuilder shown) {
        if (character == '\n') {
            newLine(shown);
        } else {
            blanks.appendCodePoint(character);
        }
    }

    private void append(int character, StringBuilder shown) {
        int before = word.length();
        word.appendCodePoint(character);
        if (before > 0 && (Columns.width(word) > width || mayEndAt(before))) {
            String next = word.substring(before);
            word.setLength(before);
            show(shown);
            word.append(next);
        }
    }

    /** Between wide characters; Korean has blanks, and addresses and code are broken there alone, too. */
    private boolean mayEndAt(int index) {
        int before = word.codePointBefore(index);
        boolean isWide = Columns.width(word, index) > 1 || Columns.width(Character.toString(before)) > 1;
        if (!isWide || (isHangul(before) && isHangul(word.codePointAt(index)))) {
            return false;
        }
        breaks.setText(word.toString());
        return breaks.isBoundary(index);
    }

    private static boolean isHangul(int character) {
        return UnicodeScript.of(character) == UnicodeScript.HANGUL;
    }

    /** The word behind the blanks before it, or on the next line. */
    private void show(StringBuilder shown) {
        if (word.isEmpty()) {
            return;
        }
        int cells = Columns.width(word);
        int start = columnBehindBlanks();
        if (start + cells > width) {
            if (column > 0) {
                newLine(shown);
            }
        } else {
            shown.append(blanks);
            column = start;
        }
        blanks.setLength(0);
        shown.append(word);
        word.setLength(0);
        column += cells;
    }

    private int columnBehindBlanks() {
        int at = column;
        for (int i = 0; i < blanks.length(); i++) {
            at += blanks.charAt(i) == '\t' ? TAB - at % TAB : Columns.width(blanks.subSequence(i, i + 1));
        }
        return at;
    }

    private void newLine(StringBuilder shown) {
        shown.append('\n');
        blanks.setLength(0);
        column = 0;
    }
}
