package io.github.expogguf.gguf;

import io.github.expogguf.PromptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Texts that are read as a whole: UTF-8, and of a sensible size, whatever stands behind the name. Any thread may. */
public final class TextFile {

    private TextFile() {}

    /**
     * The text.
     *
     * @param path a file, a pipe or a device
     * @return the text
     * @throws PromptException if it is not UTF-8, or larger than {@link GgufLimits#maxTextBytes}; names file and line
     * @throws IOException     if it cannot be read
     */
    public static String read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return read(in, nameOf(path), Files.size(path));
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    /**
     * For messages; a root has no name, and those of devices and pipes say little, as {@code null} or {@code 63}.
     *
     * @param path a file
     * @return the last name of the path; the path itself where it has none, or is no regular file
     */
    public static String nameOf(Path path) {
        Objects.requireNonNull(path, "path");
        Path name = path.getFileName();
        boolean isSpecial = Files.exists(path) && !Files.isRegularFile(path);
        return (name == null || isSpecial ? path : name).toString();
    }

    /**
     * The same of what is open already and says no size; {@code name} is for messages. Does not close it.
     *
     * @param in   UTF-8, to its end
     * @param name for messages
     * @return the text
     * @throws IOException if a file cannot be read
     */
    public static String read(InputStream in, String name) throws IOException {
        Objects.requireNonNull(in, "in");
        Objects.requireNonNull(name, "name");
        return read(in, name, 0);
    }

    private static String read(InputStream in, String name, long size) throws IOException {
        int maxBytes = GgufLimits.maxTextBytes();
        byte[] bytes = in.readNBytes(maxBytes); // a device or a pipe may have no end
        if (bytes.length == maxBytes && in.read() >= 0) {
            throw new PromptException(name + ": a text of more than " + (maxBytes >> 20) + " MiB; "
                    + GgufLimits.wayOutOfBytes(GgufLimits.TEXT_PROPERTY, Math.max(maxBytes + 1L, size)));
        }
        return decode(name, bytes);
    }

    private static String decode(String name, byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CharBuffer target = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(source, target, true);
        if (result.isError()) {
            throw new PromptException(name + ":" + line(bytes, source.position()) + ": not UTF-8 text");
        }
        return target.flip().toString();
    }

    private static int line(byte[] bytes, int end) {
        int line = 1;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n') {
                line++;
            }
        }
        return line;
    }
}
