package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a checkpoint by their numbers, as {@code tokenizer.json} has them (tokenizers 0.23). Of the rest of the
 * file, which is large, nothing is read.
 *
 * @param vocabulary the model's ({@code model.vocab})
 * @param added      special tokens, and those that alignment has added ({@code added_tokens}); some of them may be in
 *                   the vocabulary, too
 */
public record CheckpointTokens(Map<Long, String> vocabulary, Map<Long, String> added) {

    /** What a tokenizer is called. */
    public static final String FILE = "tokenizer.json";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
    private static final String ADDED = "added_tokens";
    private static final String MODEL = "model";
    private static final String VOCABULARY = "vocab";

    /**
     * Reads the file.
     *
     * @throws SafetensorsFormatException if it is damaged
     * @throws IOException                if it cannot be read
     */
    public static CheckpointTokens read(Path path) throws IOException {
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
            Map<?, ?> parts =
                    JsonReader.readSome(Utf8.decode(path, 0, bytes), List.of(Set.of(ADDED, MODEL), Set.of(VOCABULARY)));
            return new CheckpointTokens(vocabulary(path, parts.get(MODEL)), added(path, parts.get(ADDED)));
        } catch (JsonException malformed) {
            throw problem(path, "not JSON: " + malformed.getMessage());
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    /** A map of texts to numbers (BPE, WordPiece), or a list of texts with scores (Unigram). */
    private static Map<Long, String> vocabulary(Path path, @Nullable Object model) {
        Map<Long, String> tokens = new HashMap<>();
        switch (model instanceof Map<?, ?> members ? members.get(VOCABULARY) : null) {
            case Map<?, ?> map ->
                map.forEach((text, number) -> tokens.put(
                        number(number)
                                .orElseThrow(() -> problem(
                                        path, "model.vocab: token " + Escape.quote((String) text) + " has no number")),
                        (String) text));
            case List<?> list -> {
                for (Object each : list) {
                    if (!(each instanceof List<?> token)
                            || token.isEmpty()
                            || !(token.getFirst() instanceof String text)) {
                        throw problem(path, "model.vocab: element " + tokens.size() + " is no token with a score");
                    }
                    tokens.put((long) tokens.size(), text);
                }
            }
            case null, default -> throw problem(path, "no vocabulary (model.vocab)");
        }
        return tokens;
    }

    private static Map<Long, String> added(Path path, @Nullable Object member) {
        Map<Long, String> tokens = new LinkedHashMap<>();
        if (!(member instanceof List<?> list)) {
            throw problem(path, "no list " + ADDED);
        }
        for (Object each : list) {
            Optional<Long> number = each instanceof Map<?, ?> token ? number(token.get("id")) : Optional.empty();
            if (number.isEmpty() || !(((Map<?, ?>) each).get("content") instanceof String content)) {
                throw problem(path, ADDED + ": element " + tokens.size() + " is no token with an id and a content");
            }
            tokens.put(number.get(), content);
        }
        return tokens;
    }

    private static Optional<Long> number(@Nullable Object value) {
        return value instanceof JsonNumber number
                        && NUMBER.matcher(number.text()).matches()
                ? Optional.of(Long.valueOf(number.text()))
                : Optional.empty();
    }

    private static SafetensorsFormatException problem(Path path, String text) {
        return new SafetensorsFormatException(path, -1, text);
    }

    /** The text of a token; null where there is none of the number. */
    public @Nullable String text(long token) {
        String text = added.get(token);
        return text == null ? vocabulary.get(token) : text;
    }
}
