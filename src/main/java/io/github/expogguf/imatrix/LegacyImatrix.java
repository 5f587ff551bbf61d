package io.github.expogguf.imatrix;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Importance matrices from before GGUF, little-endian, without magic number:
 *
 * <pre>
 * int32 entries
 * entries times:  int32 length, bytes name, int32 calls, int32 values, float32[values] mean squares times calls
 * optionally:     int32 chunks, and optionally int32 length, bytes name of the dataset
 * </pre>
 */
final class LegacyImatrix {

    private static final int MIN_ENTRY_BYTES = 4 + 1 + 4 + 4 + 4;
    private static final int MAX_NAME_BYTES = 1 << 16;
    private static final int MAX_VALUE_BYTES = Integer.MAX_VALUE - 8; // of one array

    private final Path path;
    private final InputStream in;
    private final long fileBytes;
    private final List<String> uncounted = new ArrayList<>();
    private long position;

    private LegacyImatrix(Path path, InputStream in, long fileBytes) {
        this.path = path;
        this.in = in;
        this.fileBytes = fileBytes;
    }

    static ImatrixContent read(Path path) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
            return new LegacyImatrix(path, in, Files.size(path)).read();
        }
    }

    private ImatrixContent read() throws IOException {
        int entries = readInt("number of entries");
        if (entries < 1 || entries > remaining() / MIN_ENTRY_BYTES) {
            throw problem(0, "neither a GGUF file nor an imatrix: " + beginning(entries));
        }
        Map<String, float[]> weights = new HashMap<>();
        for (int i = 0; i < entries; i++) {
            long start = position;
            String name = readString("name of entry " + i, 1);
            if (weights.containsKey(name)) {
                throw problem(start, "entry " + Escape.quote(name) + " appears twice");
            }
            weights.put(name, readWeights(name));
        }
        int chunks = remaining() == 0 ? 0 : readInt("number of chunks");
        List<String> datasets = remaining() == 0 ? List.of() : List.of(readString("name of the dataset", 0));
        if (remaining() > 0) {
            throw problem(position, remaining() + " bytes after the last field");
        }
        return new ImatrixContent(
                weights,
                Map.of(),
                datasets.stream().filter(name -> !name.isEmpty()).toList(),
                Math.max(0, chunks),
                remarks());
    }

    /** What stands in the place of the number of entries: of a text, what it begins with. */
    private String beginning(int entries) {
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(entries)
                .array();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.chars()
                        .allMatch(
                                character -> (character >= ' ' && character <= '~') || "\t\r\n".indexOf(character) >= 0)
                ? "begins with " + Escape.quote(text)
                : entries + " entries in " + fileBytes + " bytes";
    }

    private List<String> remarks() {
        return uncounted.isEmpty()
                ? List.of()
                : List.of("counts no call of " + Words.plural(uncounted.size(), "tensor")
                        + ", whose sums are taken as they are: " + Names.list(uncounted));
    }

    private float[] readWeights(String name) throws IOException {
        String entry = Escape.quote(name);
        int calls = readInt("calls of " + entry);
        if (calls < 0) {
            throw problem(position - Integer.BYTES, "entry " + entry + ": " + calls + " calls, expected 0 or more");
        }
        int count = readInt("number of values of " + entry);
        long bytes = (long) Float.BYTES * count;
        if (count < 1 || bytes > MAX_VALUE_BYTES) {
            throw problem(
                    position - Integer.BYTES,
                    "entry " + entry + ": " + count + " values, expected 1 to " + MAX_VALUE_BYTES / Float.BYTES);
        }
        long start = position;
        FloatBuffer read = readBytes("values of " + entry, bytes).asFloatBuffer();
        float[] values = new float[count];
        read.get(values);
        ImatrixContent.checkValues(path, start, entry, values);
        if (calls == 0) {
            uncounted.add(name);
        }
        for (int i = 0; i < count && calls > 0; i++) {
            values[i] /= calls;
        }
        return values;
    }

    private String readString(String what, int minBytes) throws IOException {
        int length = readInt("length of the " + what);
        if (length < minBytes || length > MAX_NAME_BYTES) {
            throw problem(
                    position - Integer.BYTES,
                    what + ": " + length + " bytes, expected " + minBytes + " to " + MAX_NAME_BYTES);
        }
        long start = position;
        byte[] bytes = readBytes(what, length).array();
        for (int i = 0; i < length; i++) {
            if (bytes[i] == 0) {
                throw problem(start + i, what + " contains a zero");
            }
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text;
    }

    private int readInt(String what) throws IOException {
        return readBytes(what, Integer.BYTES).getInt();
    }

    /** The next bytes; the number is compared with what is left before anything is allocated. */
    private ByteBuffer readBytes(String what, long count) throws IOException {
        if (count > remaining()) {
            throw problem(
                    position,
                    "the file ends inside the " + what + ": " + count + " bytes needed, " + remaining() + " left");
        }
        byte[] bytes = in.readNBytes((int) count);
        position += bytes.length;
        if (bytes.length < count) {
            throw problem(position, "the file became shorter while it was read");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long remaining() {
        return fileBytes - position;
    }

    /** @param offset of the field that is wrong */
    private GgufFormatException problem(long offset, String problem) {
        return new GgufFormatException(path, offset, problem);
    }
}
