package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.TextPieces;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.BlockCount;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.text.Escape;
import java.io.PrintStream;

/**
 * A model for people.
 *
 * @param model   open model
 * @param full    whether nothing is cut
 * @param columns of the terminal, which no line is longer than
 */
public record ModelText(GgufModel model, boolean full, int columns) {

    public void print(PrintStream stream, boolean metadata, boolean tensors) {
        TextPieces out = new TextPieces(stream);
        printSummary(out);
        if (metadata) {
            out.line("");
            new MetadataText(model.header().metadata(), full, columns).print(out);
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
        line(
                out,
                "GGUF version " + summary.version() + ", " + Units.bytes(summary.fileBytes()) + ", architecture "
                        + Escape.text(
                                summary.architecture().isEmpty() ? "unknown" : MetadataText.cut(summary.architecture()))
                        + summary.fileType().map(type -> ", file type " + type).orElse(""));
        line(
                out,
                Units.count(model.header().tensors().size(), "tensor") + ", "
                        + Units.count(summary.weights(), "weight") + ", " + Units.bits(summary.bitsPerWeight())
                        + " bits per weight");
        AdapterSummary.of(model.header(), 1)
                .ifPresent(adapter -> line(out, "LoRA adapter: " + AdapterText.contents(adapter)));
        BlockCount.problems(model.header()).forEach(problem -> line(out, Printable.line(problem)));
        long trailing =
                model.files().stream().mapToLong(GgufFile::trailingBytes).sum();
        if (trailing > 0) {
            line(out, Units.bytes(trailing) + " behind the last tensor mean nothing");
        }
    }

    private void line(TextPieces out, String text) {
        Columns.broken("  " + text, columns).forEach(out::line);
    }

    private void printTensors(TextPieces out) {
        out.line("");
        Table exact = tensors(false);
        out.piece()
                .append(exact.fits(columns) ? exact.toString() : tensors(true).fitting(columns));
        out.next();
    }

    private Table tensors(boolean areBytesRounded) {
        boolean split = model.files().size() > 1;
        String size = areBytesRounded ? ">size" : ">bytes";
        Table table = split
                ? new Table("tensor", "shape", "type", size, ">offset", ">shard")
                : new Table("tensor", "shape", "type", size, ">offset");
        for (TensorInfo tensor : model.header().tensors()) {
            String name = Escape.text(tensor.name());
            String shape = tensor.shape().toString();
            String type = tensor.type().toString();
            String bytes = areBytesRounded ? Units.bytes(tensor.byteCount()) : Units.count(tensor.byteCount());
            String offset = Units.count(tensor.offset());
            if (split) {
                table.add(name, shape, type, bytes, offset, Integer.toString(model.fileIndex(tensor) + 1));
            } else {
                table.add(name, shape, type, bytes, offset);
            }
        }
        return table;
    }
}
