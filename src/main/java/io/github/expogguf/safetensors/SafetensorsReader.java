package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.FileIdentity;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Reads the header of one file (safetensors, docs/source/index.mdx) and checks it completely:
 *
 * <pre>
 * bytes 0 to 7   size of the header, little-endian
 * then           the header: JSON that begins with '{', perhaps with spaces at its end
 * then           the data, as the header divides it
 * </pre>
 */
final class SafetensorsReader {

    /** Of the format (tensor.rs, {@code MAX_HEADER_SIZE}). */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private SafetensorsReader() {}

    /** Opens a regular file: a pipe would block. */
    static InputFile open(Path path) throws IOException {
        return open(path, "");
    }

    /** @param wayOut what to do about one that is none */
    static InputFile open(Path path, String wayOut) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) { // says why there is none
            throw new SafetensorsFormatException(path, -1, "not a regular file" + wayOut);
        }
        return new InputFile(path, FileIdentity.of(path)::check);
    }

    /** @param index of the file, for its tensors */
    static SafetensorsFile read(InputFile file, int index) throws IOException {
        Path path = file.path();
        try {
            long fileBytes = file.size();
            byte[] start = bytes(file, 0, Math.min(fileBytes, FileStart.BYTES));
            long headerBytes = headerBytes(path, start, fileBytes);
            String header = Utf8.decode(path, LENGTH_BYTES, bytes(file, LENGTH_BYTES, headerBytes), "");
            return new HeaderParser(path, index).parse(header, LENGTH_BYTES + headerBytes, fileBytes);
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static byte[] bytes(InputFile file, long position, long count) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(count)];
        file.read(MemorySegment.ofArray(bytes), position, "header");
        return bytes;
    }

    private static long headerBytes(Path path, byte[] start, long fileBytes) {
        if (start.length <= LENGTH_BYTES) {
            throw problem(path, start, "the file has " + fileBytes + " bytes; is the download complete?");
        }
        long bytes = MemorySegment.ofArray(start).get(LENGTH, 0);
        if (bytes <= 0 || bytes > MAX_HEADER_BYTES) {
            throw problem(
                    path,
                    start,
                    "not a safetensors file: a header of " + Long.toUnsignedString(bytes) + " bytes, expected 2 to "
                            + MAX_HEADER_BYTES);
        }
        if (start[LENGTH_BYTES] != '{') {
            throw problem(path, start, "not a safetensors file: byte 8, the first of the header, is no '{'");
        }
        checkLimit(path, "a header", bytes);
        if (bytes > fileBytes - LENGTH_BYTES) {
            throw new SafetensorsFormatException(
                    path,
                    LENGTH_BYTES,
                    "a header of " + bytes + " bytes, but the file ends after " + (fileBytes - LENGTH_BYTES)
                            + "; is the download complete?");
        }
        return bytes;
    }

    /** Headers are in memory as a whole, and what was read out of them, too. */
    static void checkLimit(Path path, String what, long bytes) {
        if (bytes > GgufLimits.maxHeaderBytes()) {
            throw new SafetensorsFormatException(
                    path,
                    -1,
                    what + " of " + bytes + " bytes, expected at most " + GgufLimits.maxHeaderBytes() + "; "
                            + GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, bytes));
        }
    }

    private static SafetensorsFormatException problem(Path path, byte[] start, String otherwise) {
        String what = FileStart.known(start, "safetensors").orElseGet(() -> FileStart.orText(start, otherwise));
        return new SafetensorsFormatException(path, -1, what);
    }
}
