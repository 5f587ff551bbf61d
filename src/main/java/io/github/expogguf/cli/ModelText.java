package io.github.expogguf.cli;

import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import java.io.PrintStream;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A model for people: long arrays and texts are cut and say so, texts of several lines stand below their key.
 *
 * @param model open model
 * @param full  whether nothing is cut
 */
record ModelText(GgufModel model, boolean full) {

    /** Elements of an array that are shown unless everything is asked for. */
    static final int SHOWN_ELEMENTS = 8;

    private static final int SHOWN_LINES = 12;
    private static final int TEXT_WIDTH = 100;
    private static final int MAX_LINE_BYTES = 4 * TEXT_WIDTH + 4; // of UTF-8

    void print(PrintStream out, boolean metadata, boolean tensors) {
        printSummary(out);
        if (metadata) {
            printMetadata(out);
        }
        if (tensors) {
            printTensors(out);
        }
    }

    private void printSummary(PrintStream out) {
        ModelSummary summary = ModelSummary.of(model);
        for (GgufFile file : model.files()) {
            out.println(Printable.message(file.path().toString()));
        }
        out.println("  GGUF version " + summary.version() + ", " + Units.bytes(summary.fileBytes()) + ", architecture "
                + Escape.text(summary.architecture().isEmpty() ? "unknown" : cut(summary.architecture()))
                + summary.fileType().map(type -> ", file type " + type).orElse(""));
        out.println("  " + Units.plural(model.header().tensors().size(), "tensor") + ", "
                + Units.plural(summary.weights(), "weight") + ", " + Units.bits(summary.bitsPerWeight())
                + " bits per weight");
        long trailing =
                model.files().stream().mapToLong(GgufFile::trailingBytes).sum();
        if (trailing > 0) {
            out.println("  " + Units.bytes(trailing) + " behind the last tensor mean nothing");
        }
    }

    private void printMetadata(PrintStream out) {
        out.println();
        Table table = new Table("key", "type", "value");
        Map<String, MetadataValue> below = new LinkedHashMap<>();
        model.header().metadata().asMap().forEach((key, value) -> {
            String name = Escape.text(cut(key));
            if (isText(value)) {
                table.add(name, value.typeName(), Units.count(value.byteCount()) + " bytes, shown below");
                below.put(name, value);
            } else if (full && isLongArray(value)) {
                table.add(name, value.typeName(), Units.count(value.elementCount()) + " elements, shown below");
                below.put(name, value);
            } else {
                table.add(name, value.typeName(), oneLine(value));
            }
        });
        out.print(table);
        below.forEach((name, value) -> {
            out.println();
            out.println(name);
            if (isLongArray(value)) {
                printElements(out, value);
            } else {
                printLines(out, value);
            }
        });
    }

    private static boolean isLongArray(MetadataValue value) {
        return value.type() == MetadataType.ARRAY && value.elementCount() > SHOWN_ELEMENTS;
    }

    private static boolean isText(MetadataValue value) {
        if (value.type() != MetadataType.STRING) {
            return false;
        }
        String start = value.asString(MAX_LINE_BYTES);
        return value.byteCount() > MAX_LINE_BYTES || start.indexOf('\n') >= 0 || start.length() > TEXT_WIDTH;
    }

    private String oneLine(MetadataValue value) {
        if (value.type() != MetadataType.ARRAY) {
            return element(value);
        }
        long shown = Math.min(SHOWN_ELEMENTS, value.elementCount()); // long ones stand below if nothing is to be cut
        String end = shown < value.elementCount() ? ", ... " + Units.count(value.elementCount()) + " in all]" : "]";
        return value.stream().limit(shown).map(this::element).collect(Collectors.joining(", ", "[", end));
    }

    private String element(MetadataValue value) {
        return value.type() == MetadataType.STRING ? quoted(value) : value.toString();
    }

    private String quoted(MetadataValue value) {
        String text = value.asString(full ? Integer.MAX_VALUE : MAX_LINE_BYTES);
        String cut = cut(text);
        boolean isCut = cut.length() < text.length() || !full && value.byteCount() > MAX_LINE_BYTES;
        return "\"" + Escape.text(cut) + "\"" + (isCut ? "... " + Units.count(value.byteCount()) + " bytes" : "");
    }

    private String cut(String text) {
        return full || text.codePointCount(0, text.length()) <= TEXT_WIDTH
                ? text
                : text.substring(0, text.offsetByCodePoints(0, TEXT_WIDTH));
    }

    /** Line by line, as there may be millions of elements. */
    private void printElements(PrintStream out, MetadataValue array) {
        StringBuilder line = new StringBuilder();
        Iterator<MetadataValue> elements = array.stream().iterator();
        while (elements.hasNext()) {
            String element = element(elements.next()) + (elements.hasNext() ? "," : "");
            if (!line.isEmpty() && line.length() + 1 + element.length() > TEXT_WIDTH) {
                out.println("  " + line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(element);
        }
        out.println("  " + line);
    }

    private void printLines(PrintStream out, MetadataValue value) {
        int maxBytes = full ? Integer.MAX_VALUE : (SHOWN_LINES + 1) * MAX_LINE_BYTES;
        Iterator<String> lines =
                value.asString(maxBytes).lines().flatMap(ModelText::wrapped).iterator();
        for (int shown = 0; lines.hasNext() && (full || shown < SHOWN_LINES); shown++) {
            out.println(lines.next());
        }
        if (lines.hasNext() || value.byteCount() > maxBytes) {
            out.println("  ... --full shows the rest");
        }
    }

    /** A line in pieces that fit a terminal; a bar stands before its beginning, an arrow before what continues it. */
    private static Stream<String> wrapped(String line) {
        int characters = line.codePointCount(0, line.length());
        int pieces = Math.max(1, Math.ceilDiv(characters, TEXT_WIDTH));
        int[] next = {0};
        return IntStream.range(0, pieces).mapToObj(piece -> {
            int start = next[0];
            int length = Math.min(TEXT_WIDTH, characters - piece * TEXT_WIDTH);
            next[0] = line.offsetByCodePoints(start, length);
            return (piece == 0 ? "  | " : "  > ") + Printable.message(line.substring(start, next[0]));
        });
    }

    private void printTensors(PrintStream out) {
        out.println();
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
        out.print(table);
    }
}
