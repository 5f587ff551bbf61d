package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.TextPieces;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.BlockCount;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.text.Escape;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model for people: long arrays and texts are cut and say so, texts of several lines stand below their key.
 *
 * @param model open model
 * @param full  whether nothing is cut
 */
public record ModelText(GgufModel model, boolean full) {

    /** Elements of an array that are shown unless everything is asked for. */
    static final int SHOWN_ELEMENTS = 8;

    private static final int SHOWN_LINES = 12;
    private static final int TEXT_WIDTH = 100;
    private static final int MAX_LINE_BYTES = 4 * TEXT_WIDTH + 4; // of UTF-8

    public void print(PrintStream stream, boolean metadata, boolean tensors) {
        TextPieces out = new TextPieces(stream);
        printSummary(out);
        if (metadata) {
            printMetadata(out);
        }
        if (tensors) {
            printTensors(out);
        }
        out.end();
    }

    private void printSummary(TextPieces out) {
        ModelSummary summary = ModelSummary.of(model);
        for (GgufFile file : model.files()) {
            out.line(Printable.message(file.path().toString()));
        }
        out.line("  GGUF version " + summary.version() + ", " + Units.bytes(summary.fileBytes()) + ", architecture "
                + Escape.text(summary.architecture().isEmpty() ? "unknown" : cut(summary.architecture()))
                + summary.fileType().map(type -> ", file type " + type).orElse(""));
        out.line("  " + Units.count(model.header().tensors().size(), "tensor") + ", "
                + Units.count(summary.weights(), "weight") + ", " + Units.bits(summary.bitsPerWeight())
                + " bits per weight");
        AdapterSummary.of(model.header(), 1)
                .ifPresent(adapter -> out.line("  LoRA adapter: " + AdapterText.contents(adapter)));
        BlockCount.problems(model.header()).forEach(problem -> out.line("  " + Printable.line(problem)));
        long trailing =
                model.files().stream().mapToLong(GgufFile::trailingBytes).sum();
        if (trailing > 0) {
            out.line("  " + Units.bytes(trailing) + " behind the last tensor mean nothing");
        }
    }

    private void printMetadata(TextPieces out) {
        out.line("");
        Table table = new Table("key", "type", "value");
        List<Map.Entry<String, MetadataValue>> below = new ArrayList<>();
        for (Map.Entry<String, MetadataValue> pair :
                model.header().metadata().asMap().entrySet()) {
            String name = Escape.text(cut(pair.getKey()));
            MetadataValue value = pair.getValue();
            if (isText(value)) {
                table.add(name, value.typeName(), Units.count(value.byteCount()) + " bytes, shown below");
                below.add(pair);
            } else if (full && isLongArray(value)) {
                table.add(name, value.typeName(), Units.count(value.elementCount()) + " elements, shown below");
                below.add(pair);
            } else {
                table.add(name, value.typeName(), oneLine(value));
                if (full && isCut(pair.getKey())) {
                    below.add(pair);
                }
            }
        }
        out.piece().append(table);
        out.next();
        below.forEach(pair -> printBelow(out, pair.getKey(), pair.getValue()));
    }

    private void printBelow(TextPieces out, String key, MetadataValue value) {
        out.line("");
        printEscaped(out, full ? key : cut(key));
        out.line("");
        if (isLongArray(value)) {
            printElements(out, value);
        } else if (isText(value)) {
            printLines(out, value);
        } else {
            out.line("  " + oneLine(value));
        }
    }

    /** Of many elements, or of strings that may have to be cut. */
    private static boolean isLongArray(MetadataValue value) {
        return value.type() == MetadataType.ARRAY
                && (value.elementCount() > SHOWN_ELEMENTS
                        || (value.elementType() == MetadataType.STRING && value.byteCount() > TEXT_WIDTH));
    }

    private static boolean isText(MetadataValue value) {
        if (value.type() != MetadataType.STRING) {
            return false;
        }
        String start = value.asString(MAX_LINE_BYTES);
        return value.byteCount() > MAX_LINE_BYTES || start.indexOf('\n') >= 0 || start.length() > TEXT_WIDTH;
    }

    private static String oneLine(MetadataValue value) {
        if (value.type() != MetadataType.ARRAY) {
            return element(value);
        }
        long shown = Math.min(SHOWN_ELEMENTS, value.elementCount());
        String end = shown < value.elementCount() ? ", ... " + Units.count(value.elementCount()) + " in all]" : "]";
        return value.elements(shown).stream().map(ModelText::element).collect(Collectors.joining(", ", "[", end));
    }

    private static String element(MetadataValue value) {
        return value.type() == MetadataType.STRING ? quoted(value) : value.toString();
    }

    private static String quoted(MetadataValue value) {
        String text = value.asString(MAX_LINE_BYTES);
        boolean isCut = isCut(text) || value.byteCount() > MAX_LINE_BYTES;
        return "\"" + Escape.text(cut(text)) + "\"" + (isCut ? "... " + Units.count(value.byteCount()) + " bytes" : "");
    }

    private static boolean isCut(String text) {
        return text.codePointCount(0, text.length()) > TEXT_WIDTH;
    }

    private static String cut(String text) {
        return isCut(text) ? text.substring(0, text.offsetByCodePoints(0, TEXT_WIDTH)) : text;
    }

    /** Several on a line where they fit. */
    private static void printElements(TextPieces out, MetadataValue array) {
        ElementText elements = new ElementText(array, array.elementCount(), "");
        StringBuilder element = new StringBuilder();
        StringBuilder line = new StringBuilder();
        while (elements.hasNext()) {
            element.setLength(0);
            String string = elements.isOfStrings() ? elements.nextString() : "";
            if (string.length() > TEXT_WIDTH) {
                printLine(out, line);
                line.setLength(0);
                out.piece().append("  \"");
                printEscaped(out, string);
                out.line(elements.hasNext() ? "\"," : "\"");
                continue;
            }
            if (elements.isOfStrings()) {
                element.append('"').append(Escape.text(string)).append('"');
            } else {
                elements.appendNext(element);
            }
            element.append(elements.hasNext() ? "," : "");
            if (!line.isEmpty() && line.length() + 1 + element.length() > TEXT_WIDTH) {
                printLine(out, line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(element);
        }
        printLine(out, line);
    }

    private static void printLine(TextPieces out, StringBuilder line) {
        if (!line.isEmpty()) {
            out.piece().append("  ").append(line).append(System.lineSeparator());
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
        int maxBytes = full ? Integer.MAX_VALUE : (SHOWN_LINES + 1) * MAX_LINE_BYTES;
        String text = value.asString(maxBytes);
        boolean begins = true;
        int at = 0;
        for (int shown = 0; at < text.length() && (full || shown < SHOWN_LINES); shown++) {
            out.piece().append(begins ? "  | " : "  > ");
            at = appendPiece(out.piece(), text, at);
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
    private static int appendPiece(StringBuilder piece, String text, int from) {
        int at = from;
        for (int width = 0; width < TEXT_WIDTH && at < text.length() && !isLineEnd(text.charAt(at)); width++) {
            int character = text.codePointAt(at);
            Printable.appendToMessage(piece, character);
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

    private void printTensors(TextPieces out) {
        out.line("");
        boolean split = model.files().size() > 1;
        Table table = split
                ? new Table("tensor", "shape", "type", ">bytes", ">offset", ">shard")
                : new Table("tensor", "shape", "type", ">bytes", ">offset");
        for (TensorInfo tensor : model.header().tensors()) {
            String name = Escape.text(tensor.name());
            String shape = tensor.shape().toString();
            String type = tensor.type().toString();
            String bytes = Units.count(tensor.byteCount());
            String offset = Units.count(tensor.offset());
            if (split) {
                table.add(name, shape, type, bytes, offset, Integer.toString(model.fileIndex(tensor) + 1));
            } else {
                table.add(name, shape, type, bytes, offset);
            }
        }
        out.piece().append(table);
        out.next();
    }
}
