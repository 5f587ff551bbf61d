package io.github.expogguf.cli;

import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import java.io.PrintStream;
import java.util.List;
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
                + Escape.text(summary.architecture().isEmpty() ? "unknown" : summary.architecture())
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
        StringBuilder below = new StringBuilder();
        model.header().metadata().asMap().forEach((key, value) -> {
            String name = Escape.text(key);
            if (isText(value)) {
                String text = value.asString();
                table.add(name, value.typeName(), Units.count(text.length()) + " characters, shown below");
                below.append(System.lineSeparator())
                        .append(name)
                        .append(System.lineSeparator())
                        .append(lines(text));
            } else {
                table.add(name, value.typeName(), oneLine(value));
            }
        });
        out.print(table);
        out.print(below);
    }

    private static boolean isText(MetadataValue value) {
        return value.type() == MetadataType.STRING
                && (value.asString().indexOf('\n') >= 0 || value.asString().length() > TEXT_WIDTH);
    }

    private String oneLine(MetadataValue value) {
        if (value.type() != MetadataType.ARRAY) {
            return element(value);
        }
        long shown = full ? value.elementCount() : Math.min(SHOWN_ELEMENTS, value.elementCount());
        String end = shown < value.elementCount() ? ", ... " + Units.count(value.elementCount()) + " in all]" : "]";
        return value.elements(shown).stream().map(this::element).collect(Collectors.joining(", ", "[", end));
    }

    private String element(MetadataValue value) {
        return value.type() == MetadataType.STRING ? quoted(value.asString()) : value.toString();
    }

    private String quoted(String text) {
        String cut = cut(text);
        return "\"" + Escape.text(cut) + "\""
                + (cut.length() < text.length() ? "... " + Units.count(text.length()) + " characters" : "");
    }

    private String cut(String text) {
        return full || text.codePointCount(0, text.length()) <= TEXT_WIDTH
                ? text
                : text.substring(0, text.offsetByCodePoints(0, TEXT_WIDTH));
    }

    private String lines(String text) {
        List<String> lines = text.lines().flatMap(ModelText::wrapped).toList();
        List<String> shown = full ? lines : lines.subList(0, Math.min(SHOWN_LINES, lines.size()));
        String rest = shown.size() == lines.size() ? "" : "  ... --full shows the rest" + System.lineSeparator();
        return shown.stream().map(line -> line + System.lineSeparator()).collect(Collectors.joining()) + rest;
    }

    /** A line in pieces that fit a terminal; a bar stands before its beginning, an arrow before what continues it. */
    private static Stream<String> wrapped(String line) {
        int[] characters = line.codePoints().toArray();
        int pieces = Math.max(1, Math.ceilDiv(characters.length, TEXT_WIDTH));
        return IntStream.range(0, pieces).mapToObj(piece -> {
            int start = piece * TEXT_WIDTH;
            int length = Math.min(TEXT_WIDTH, characters.length - start);
            return (piece == 0 ? "  | " : "  > ") + Printable.message(new String(characters, start, length));
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
