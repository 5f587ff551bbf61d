package io.github.expogguf.gguf;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.thread.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;

/**
 * Reads the header of a GGUF file (ggml, docs/gguf.md) and checks it completely; {@link GgufLimits} has the rules. The
 * tensor data is neither read nor mapped, only its place in the file is checked. Any thread may call.
 */
public final class GgufReader {

    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int LFS_MAGIC = 0x73726576; // "vers" of "version https://git-lfs.github.com/spec/v1"

    private GgufReader() {}

    /**
     * Reads the header of one file, which need not be a model.
     *
     * @param path a file
     * @return the header
     * @throws GgufFormatException if it breaks a rule; the message says which, where, and what was expected
     * @throws IOException         if the file is missing or cannot be read
     */
    public static GgufFile read(Path path) throws IOException {
        return read(path, Metadata.EMPTY);
    }

    /**
     * Reads the header of one file. Values that another file has, too, are not in memory twice.
     *
     * @param path  a file
     * @param known metadata of the other file
     * @return the header
     * @throws IOException if a file cannot be read
     * @see #read(Path)
     */
    public static GgufFile read(Path path, Metadata known) throws IOException {
        try (InputFile file = open(path)) {
            return read(file, known);
        }
    }

    /**
     * Reads the bytes of a header, and a little of what follows if there is more, so that another reader can find its
     * end.
     *
     * @param file  what was read from the file before
     * @param arena where the bytes are allocated
     * @return the bytes, in the arena
     * @throws IllegalArgumentException if the header is larger than headers can be
     * @throws IOException              if the file cannot be read or is shorter now than its header
     */
    public static MemorySegment readBytes(GgufFile file, Arena arena) throws IOException {
        Objects.requireNonNull(file, "file");
        return readBytes(SourceFile.of(file), arena);
    }

    /**
     * {@return the same of a file of whatever format}
     *
     * @param file  a file that has been opened
     * @param arena where the bytes go
     * @throws IllegalArgumentException if the header is larger than headers can be
     * @throws IOException              if the file cannot be read or is shorter now than its header
     */
    public static MemorySegment readBytes(SourceFile file, Arena arena) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(arena, "arena");
        if (file.headerBytes() < 0 || file.headerBytes() > GgufLimits.MAX_BYTES) {
            throw new IllegalArgumentException(file.path() + ": header of " + file.headerBytes() + " bytes");
        }
        try (InputFile input = open(file.path())) {
            long bytes = Math.min(input.size(), file.headerBytes() + GgufLimits.MAX_ALIGNMENT);
            MemorySegment start = arena.allocate(Math.max(bytes, file.headerBytes()));
            ByteBuffer buffer = start.asByteBuffer();
            while (buffer.hasRemaining()) {
                if (input.read(buffer, buffer.position()) < 0) {
                    throw new EOFException(file.path() + ": the file ends at byte " + buffer.position()
                            + ", expected a header of " + file.headerBytes() + " bytes");
                }
            }
            return start;
        } catch (IOException e) {
            throw ReadFailure.of(file.path(), e);
        }
    }

    /** Opens a regular file: a pipe would block. */
    static InputFile open(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) { // says why there is none
            throw new GgufFormatException(path, -1, "not a regular file");
        }
        return new InputFile(path, FileIdentity.of(path)::check);
    }

    static GgufFile read(InputFile file, Metadata known) throws IOException {
        HeaderSource source = new HeaderSource(file);
        readMagic(source);
        int version = readVersion(source);
        int tensorCount = source.readCount(
                "tensors", TensorReader.MIN_BYTES, GgufLimits.maxTensors(), GgufLimits.ENTRIES_PROPERTY);
        int pairCount = source.readCount(
                "key/value pairs", MetadataReader.MIN_BYTES, GgufLimits.maxPairs(), GgufLimits.ENTRIES_PROPERTY);
        MetadataReader pairs = new MetadataReader(source, known);
        Metadata metadata = pairs.read(pairCount);
        List<TensorInfo> tensors = new TensorReader(source, pairs.alignment()).read(tensorCount);
        long dataOffset = source.position();
        if (!tensors.isEmpty()) {
            dataOffset = GgufLimits.pad(dataOffset, pairs.alignment());
        }
        checkData(file.path(), tensors, dataOffset, source.fileBytes());
        return new GgufFile(file.path(), version, pairs.alignment(), metadata, tensors, dataOffset, source.fileBytes());
    }

    private static void readMagic(HeaderSource source) throws IOException {
        int magic = source.readInt("magic number");
        if (magic == LFS_MAGIC) {
            throw source.problem(4, "not a GGUF file but perhaps a Git LFS pointer to one: starts with 'vers'");
        }
        if (magic != MAGIC) {
            StringBuilder characters = new StringBuilder();
            for (int shift = 0; shift < 32; shift += 8) {
                characters.append((char) (magic >>> shift & 0xFF));
            }
            throw source.problem(
                    4, "not a GGUF file: starts with " + Escape.quote(characters.toString()) + ", expected 'GGUF'");
        }
    }

    private static int readVersion(HeaderSource source) throws IOException {
        int version = source.readInt("version");
        if (version == 2 || version == 3) {
            return version;
        }
        int swapped = Integer.reverseBytes(version);
        if (swapped >= 1 && swapped <= 3) {
            throw source.problem(4, "big-endian GGUF version " + swapped + ", expected little-endian");
        }
        if (version == 1) {
            throw source.problem(4, "GGUF version 1, which llama.cpp gave up in 2023, expected 2 or 3");
        }
        throw source.problem(4, "unknown GGUF version " + Integer.toUnsignedString(version) + ", expected 2 or 3");
    }

    private static void checkData(Path path, List<TensorInfo> tensors, long dataOffset, long fileBytes) {
        for (TensorInfo tensor : tensors) {
            long room = fileBytes - dataOffset - tensor.offset();
            if (tensor.offset() > fileBytes || room < tensor.byteCount()) {
                throw new GgufFormatException(
                        path,
                        -1,
                        "tensor " + Escape.quote(tensor.name()) + ": data of " + tensor.byteCount()
                                + " bytes at offset " + tensor.offset() + " of the data section, but the file of "
                                + fileBytes + " bytes ends before (data section at byte " + dataOffset + ")",
                        expectedBytes(tensors, dataOffset));
            }
        }
    }

    private static long expectedBytes(List<TensorInfo> tensors, long dataOffset) {
        return tensors.stream()
                .mapToLong(tensor -> dataOffset + tensor.offset() + tensor.byteCount())
                .max()
                .orElse(dataOffset);
    }
}
