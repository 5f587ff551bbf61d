package io.github.expogguf.infer.token;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Joins the bytes of tokens to text: a character may be spread over several tokens. Bytes that are not UTF-8 become
 * replacement characters.
 */
public final class Utf8Assembler {

    private static final int MAX_CHARACTER_BYTES = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final StringBuilder text = new StringBuilder();
    private byte[] incomplete = {};

    /** Adds bytes; returns the characters that are complete now. */
    public String append(byte[] bytes) {
        return decode(bytes, false);
    }

    /** Ends the text; an incomplete character becomes a replacement character. */
    public String finish() {
        decode(new byte[0], true);
        return text.toString();
    }

    private String decode(byte[] bytes, boolean end) {
        ByteBuffer input = ByteBuffer.allocate(incomplete.length + bytes.length);
        input.put(incomplete).put(bytes).flip();
        CharBuffer output = CharBuffer.allocate(input.remaining() + MAX_CHARACTER_BYTES);
        decoder.decode(input, output, end);
        if (end) {
            decoder.flush(output);
        }
        incomplete = new byte[input.remaining()];
        input.get(incomplete);
        String added = output.flip().toString();
        text.append(added);
        return added;
    }
}
