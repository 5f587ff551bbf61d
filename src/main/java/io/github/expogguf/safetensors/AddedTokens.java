package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code tokenizer.json} adds to a vocabulary (tokenizers 0.23, {@code added_tokens}): special tokens, and those
 * that alignment has added. Of the vocabulary itself, which is large, nothing is read.
 */
public final class AddedTokens {

    /** What a tokenizer is called. */
    public static final String FILE = "tokenizer.json";

    private static final String MEMBER = "added_tokens";

    private AddedTokens() {}

    /**
     * The tokens by their numbers.
     *
     * @throws SafetensorsFormatException if the file is damaged
     * @throws IOException                if it cannot be read
     */
    public static Map<Long, String> read(Path path) throws IOException {
        try (InputFile file = SafetensorsReader.open(path)) {
            long size = file.size();
            if (size > GgufLimits.maxTextBytes()) {
                throw problem(
                        path,
                        "a text of " + size + " bytes, expected at most " + GgufLimits.maxTextBytes() + "; "
                                + GgufLimits.wayOutOfBytes(GgufLimits.TEXT_PROPERTY, size));
            }
            byte[] bytes = new byte[Math.toIntExact(size)];
            file.read(MemorySegment.ofArray(bytes), 0, "text");
            return tokens(path, JsonReader.readMember(Utf8.decode(path, 0, bytes), MEMBER));
        } catch (JsonException malformed) {
            throw problem(path, "not JSON: " + malformed.getMessage());
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static Map<Long, String> tokens(Path path, @Nullable Object member) {
        Map<Long, String> tokens = new LinkedHashMap<>();
        if (!(member instanceof List<?> list)) {
            throw problem(path, "no list " + MEMBER);
        }
        for (Object each : list) {
            if (!(each instanceof Map<?, ?> token)
                    || !(token.get("id") instanceof JsonNumber id)
                    || !id.text().matches("[0-9]{1,10}")
                    || !(token.get("content") instanceof String content)) {
                throw problem(path, MEMBER + ": element " + tokens.size() + " is no token with an id and a content");
            }
            tokens.put(Long.valueOf(id.text()), content);
        }
        return tokens;
    }

    private static SafetensorsFormatException problem(Path path, String text) {
        return new SafetensorsFormatException(path, -1, text);
    }
}
