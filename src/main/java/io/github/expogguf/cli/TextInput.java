package io.github.expogguf.cli;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.ReadFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts that a command reads as a whole: UTF-8, and of a sensible size, whatever stands behind the name. */
final class TextInput {

    private TextInput() {}

    /**
     * The text.
     *
     * @throws PromptException if it is not UTF-8, or larger than {@link GgufLimits#maxTextBytes}
     */
    static String read(Path path) throws IOException {
        int maxBytes = GgufLimits.maxTextBytes();
        try (InputStream in = Files.newInputStream(path)) { // a device or a pipe may have no end
            byte[] bytes = in.readNBytes(maxBytes);
            if (bytes.length == maxBytes && in.read() >= 0) {
                throw new PromptException(path.getFileName() + ": a text of more than " + (maxBytes >> 20) + " MiB; "
                        + GgufLimits.wayOutOfBytes(GgufLimits.TEXT_PROPERTY, Math.max(maxBytes + 1L, Files.size(path))));
            }
            return decode(path, bytes);
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static String decode(Path path, byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CharBuffer target = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(source, target, true);
        if (result.isError()) {
            throw new PromptException(path.getFileName() + ":" + line(bytes, source.position()) + ": not UTF-8 text");
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
