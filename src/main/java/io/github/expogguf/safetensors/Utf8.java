package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Text that is UTF-8 to its last byte. */
final class Utf8 {

    private Utf8() {}

    /**
     * The text.
     *
     * @param offset of the bytes in their file, for messages
     * @param wayOut what to do where it is none
     */
    static String decode(Path path, long offset, byte[] bytes, String wayOut) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CharBuffer target = CharBuffer.allocate(bytes.length);
        if (decoder.decode(source, target, true).isError()) {
            throw new SafetensorsFormatException(path, offset + source.position(), "not UTF-8 text" + wayOut);
        }
        return target.flip().toString();
    }
}
