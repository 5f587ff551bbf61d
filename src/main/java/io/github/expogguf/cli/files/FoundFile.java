package io.github.expogguf.cli.files;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.ModelHeader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a path turned out to be.
 *
 * @param path          as it was given
 * @param kind          what it is
 * @param text          the same with its particulars, one line, as it comes from the file
 * @param bytes         of the file, or of all files of a set or folder
 * @param expectedBytes what it should have at least, where that is known and it has less
 * @param weights       of a model; empty of anything else
 * @param header        of a GGUF file
 * @param missing       names of files that belong to it and are not there
 */
public record FoundFile(
        Path path,
        FileKind kind,
        String text,
        long bytes,
        OptionalLong expectedBytes,
        Optional<Weights> weights,
        Optional<ModelHeader> header,
        List<String> missing) {

    /** What is said of a model where something else is needed. */
    private static final String MODEL_HINT = "it is a model: --sft, --aligned or -m takes it";

    /** Of something that is no model. */
    static FoundFile of(Path path, FileKind kind, String text, long bytes) {
        return new FoundFile(
                path, kind, text, bytes, OptionalLong.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    FoundFile withHeader(ModelHeader known) {
        return new FoundFile(path, kind, text, bytes, expectedBytes, weights, Optional.of(known), missing);
    }

    /** A file that ends too early. */
    static FoundFile unfinished(Path path, String what, long bytes, long expectedBytes) {
        return new FoundFile(
                path,
                FileKind.UNFINISHED,
                "the beginning of " + what + ": " + Units.bytes(bytes) + " of " + Units.bytes(expectedBytes)
                        + " or more are there (" + bytes + " of " + expectedBytes + " bytes)",
                bytes,
                OptionalLong.of(expectedBytes),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** What to do with it, where something else is needed or it is of no use; empty where nobody knows. */
    public String hint() {
        return kind.hint();
    }

    /** What it is, where another kind is needed, a model included; empty where nobody knows. */
    public String kindHint() {
        return kind == FileKind.MODEL ? MODEL_HINT : ending();
    }

    /** The same where no model is needed to extrapolate. */
    public String kindHintOfOther() {
        return kind.hint().equals(kind.what()) ? kindHint() : kind.what();
    }

    /** The same, as it ends a message on that file: with what is there of a whole. */
    String ending() {
        if (kind == FileKind.UNFINISHED && expectedBytes.isPresent()) {
            return kind.hint() + " " + Units.bytes(bytes) + " of " + Units.bytes(expectedBytes.getAsLong())
                    + " or more are there";
        }
        return kind.hint();
    }
}
