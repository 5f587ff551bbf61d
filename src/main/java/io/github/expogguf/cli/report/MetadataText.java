package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.TextPieces;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Metadata for people: a line for each key, or where that would be longer than the terminal, one for the key and
 * one for its value; of long arrays it has the beginning, and long texts and those of several lines stand below.
 *
 * @param metadata of a model
 * @param full     whether nothing is cut
 * @param columns  of the terminal
 */
record MetadataText(Metadata metadata, boolean full, int columns) {

    /** Elements of an array that are shown unless everything is asked for. */
    static final int SHOWN_ELEMENTS = 8;

    private static final String GAP = "  ";
    private static final int SHOWN_LINES = 12;
    private static final int MAX_CHARACTERS = 100;
    private static final int MAX_BYTES = 4 * MAX_CHARACTERS + 4; // of UTF-8
    /** Fewer characters of a text say nothing. */
    private static final int MIN_BEGINNING = 8;

    void print(TextPieces out) {
        int name = "key".length();
        int type = "type".length();
        for (Map.Entry<String, MetadataValue> pair : metadata.asMap().entrySet()) {
            name = Math.max(name, Columns.width(name(pair)));
            type = Math.max(type, pair.getValue().typeName().length());
        }
        name = Math.min(name, columns / 2);
        out.line(padded("key", name) + GAP + padded("type", type) + GAP + "value");
        List<Map.Entry<String, MetadataValue>> below = new ArrayList<>();
        for (Map.Entry<String, MetadataValue> pair : metadata.asMap().entrySet()) {
            if (printRow(out, pair, name, type)) {
                below.add(pair);
            }
        }
        below.forEach(pair -> printBelow(out, pair.getKey(), pair.getValue()));
    }

    /** Prints a key with its value, on two lines if one is too short; returns whether more is to be shown below. */
    private boolean printRow(TextPieces out, Map.Entry<String, MetadataValue> pair, int name, int type) {
        MetadataValue value = pair.getValue();
        boolean standsBelow = isText(value) || (full && isLongArray(value));
        String shown = standsBelow ? shownBelow(value) : oneLine(value);
        boolean hasMore = standsBelow || (full && isCut(pair.getKey()));
        String typed = GAP + padded(value.typeName(), type) + GAP;
        String start = padded(name(pair), name) + typed;
        int room = columns - Columns.width(GAP + typed); // on a line of its own
        if (value.type() == MetadataType.ARRAY && !isToBeCut(value) && Columns.width(shown) > room) {
            shown = shownBelow(value);
            hasMore = true;
        }
        boolean isInColumn = Columns.width(name(pair)) <= name;
        if (isInColumn && isToBeCut(value) && Columns.width(start + shown) > columns) {
            String beginning = firstElements(value, columns - Columns.width(start));
            shown = beginning.startsWith("[") ? beginning : shown;
        }
        if (isInColumn && Columns.width(start + shown) <= columns) {
            out.line(start + shown);
            return hasMore;
        }
        if (Columns.width(shown) > room && isToBeCut(value)) {
            shown = firstElements(value, room);
        } else if (Columns.width(shown) > room && value.type() == MetadataType.STRING) {
            shown = full || standsBelow ? shownBelow(value) : firstWords(value, room);
            hasMore = true;
        }
        out.line(name(pair));
        out.line(GAP + typed + shown);
        return hasMore;
    }

    private boolean isToBeCut(MetadataValue value) {
        return !full && value.type() == MetadataType.ARRAY && value.elementCount() > SHOWN_ELEMENTS;
    }

    private static String name(Map.Entry<String, MetadataValue> pair) {
        return Escape.text(cut(pair.getKey()));
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - Columns.width(text)));
    }

    private static String shownBelow(MetadataValue value) {
        return (value.type() == MetadataType.ARRAY
                        ? Units.count(value.elementCount(), "element")
                        : Units.count(value.byteCount()) + " bytes")
                + ", shown below";
    }

    private static String firstElements(MetadataValue array, int room) {
        for (long shown = Math.min(SHOWN_ELEMENTS, array.elementCount()); shown > 0; shown--) {
            String text = elements(array, shown);
            if (Columns.width(text) <= room) {
                return text;
            }
        }
        return Units.count(array.elementCount(), "element");
    }

    private static String firstWords(MetadataValue text, int room) {
        String end = "\"... " + Units.count(text.byteCount()) + " bytes";
        String whole = text.asString(MAX_BYTES);
        for (int count = whole.codePointCount(0, whole.length()); count >= MIN_BEGINNING; count--) {
            String start = "\"" + Escape.text(whole.substring(0, whole.offsetByCodePoints(0, count))) + end;
            if (Columns.width(start) <= room) {
                return start;
            }
        }
        return shownBelow(text);
    }

    private void printBelow(TextPieces out, String key, MetadataValue value) {
        out.line("");
        printEscaped(out, full ? key : cut(key));
        out.line("");
        if (value.type() == MetadataType.ARRAY && full) {
            printElements(out, value);
        } else if (value.type() == MetadataType.ARRAY) {
            value.elements(value.elementCount()).forEach(element -> out.line(GAP + oneLine(element, columns - 2)));
        } else if (value.type() == MetadataType.STRING) {
            printLines(out, value);
        } else {
            out.line(GAP + oneLine(value));
        }
    }

    /** Of many elements, or of strings that may have to be cut. */
    private static boolean isLongArray(MetadataValue value) {
        return value.type() == MetadataType.ARRAY
                && (value.elementCount() > SHOWN_ELEMENTS
                        || (value.elementType() == MetadataType.STRING && value.byteCount() > MAX_CHARACTERS));
    }

    private static boolean isText(MetadataValue value) {
        if (value.type() != MetadataType.STRING) {
            return false;
        }
        String start = value.asString(MAX_BYTES);
        return value.byteCount() > MAX_BYTES || start.indexOf('\n') >= 0 || start.length() > MAX_CHARACTERS;
    }

    private static String oneLine(MetadataValue value) {
        return value.type() == MetadataType.ARRAY
                ? elements(value, Math.min(SHOWN_ELEMENTS, value.elementCount()))
                : element(value);
    }

    private static String oneLine(MetadataValue element, int room) {
        String whole = element(element);
        return element.type() != MetadataType.STRING || Columns.width(whole) <= room
                ? whole
                : firstWords(element, room);
    }

    private static String elements(MetadataValue array, long shown) {
        String end = shown < array.elementCount() ? ", ... " + Units.count(array.elementCount()) + " in all]" : "]";
        return array.elements(shown).stream().map(MetadataText::element).collect(Collectors.joining(", ", "[", end));
    }

    private static String element(MetadataValue value) {
        return value.type() == MetadataType.STRING ? quoted(value) : value.toString();
    }

    private static String quoted(MetadataValue value) {
        String text = value.asString(MAX_BYTES);
        boolean isCut = isCut(text) || value.byteCount() > MAX_BYTES;
        return "\"" + Escape.text(cut(text)) + "\"" + (isCut ? "... " + Units.count(value.byteCount()) + " bytes" : "");
    }

    private static boolean isCut(String text) {
        return text.codePointCount(0, text.length()) > MAX_CHARACTERS;
    }

    /** The beginning of a long text. */
    static String cut(String text) {
        return isCut(text) ? text.substring(0, text.offsetByCodePoints(0, MAX_CHARACTERS)) : text;
    }

    /** Several on a line where they fit. */
    private void printElements(TextPieces out, MetadataValue array) {
        ElementText elements = new ElementText(array, array.elementCount(), "");
        StringBuilder line = new StringBuilder(GAP);
        while (elements.hasNext()) {
            int end = line.length();
            line.append(end == GAP.length() ? "" : " ");
            if (elements.isOfStrings()) {
                String string = elements.nextString();
                if (string.length() > MAX_CHARACTERS) {
                    printFirst(out, line, end);
                    out.piece().append(GAP).append('"');
                    printEscaped(out, string);
                    out.line(elements.hasNext() ? "\"," : "\"");
                    line.setLength(GAP.length());
                    continue;
                }
                line.append('"').append(Escape.text(string)).append('"');
            } else {
                elements.appendNext(line);
            }
            line.append(elements.hasNext() ? "," : "");
            if (line.length() > columns && end > GAP.length()) {
                printFirst(out, line, end);
                line.delete(GAP.length(), end + 1);
            }
        }
        printFirst(out, line, line.length());
    }

    /** Prints a line up to an end, unless it has nothing but the gap. */
    private static void printFirst(TextPieces out, StringBuilder line, int end) {
        if (end > GAP.length()) {
            out.piece().append(line, 0, end).append(System.lineSeparator());
            out.next();
        }
    }

    private static void printEscaped(TextPieces out, String text) {
        text.codePoints().forEach(character -> {
            Escape.append(out.piece(), character);
            out.next();
        });
    }

    /**
     * Lines in pieces that fit a terminal; a bar stands before the beginning of a line, an arrow before what continues
     * it.
     */
    private void printLines(TextPieces out, MetadataValue value) {
        int maxBytes = full ? Integer.MAX_VALUE : (SHOWN_LINES + 1) * MAX_BYTES;
        String text = value.asString(maxBytes);
        boolean begins = true;
        int at = 0;
        for (int shown = 0; at < text.length() && (full || shown < SHOWN_LINES); shown++) {
            String start = begins ? "  | " : "  > ";
            out.piece().append(start);
            at = appendPiece(out.piece(), text, at, columns - start.length());
            out.line("");
            int next = skipLineEnd(text, at);
            begins = next > at;
            at = next;
        }
        if (at < text.length() || value.byteCount() > maxBytes) {
            out.line("  ... --full shows the rest");
        }
    }

    /** Appends the rest of a line, as far as it fits, and returns where it ends. */
    private static int appendPiece(StringBuilder piece, String text, int from, int width) {
        int at = from;
        int room = width;
        while (at < text.length() && !isLineEnd(text.charAt(at))) {
            int character = text.codePointAt(at);
            int before = piece.length();
            Printable.appendToMessage(piece, character);
            room -= Columns.width(piece, before);
            if (room < 0 && at > from) {
                piece.setLength(before);
                return at;
            }
            at += Character.charCount(character);
        }
        return at;
    }

    private static int skipLineEnd(String text, int at) {
        if (text.startsWith("\r\n", at)) {
            return at + 2;
        }
        return at < text.length() && isLineEnd(text.charAt(at)) ? at + 1 : at;
    }

    private static boolean isLineEnd(char unit) {
        return unit == '\n' || unit == '\r';
    }
}
