package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the tokens of {@code tokenizer.json}: every token has one number, and no other token has that. */
final class TokenizerFile {

    static final String NAME = "tokenizer.json";
    static final String VOCABULARY = "model.vocab";
    static final String ADDED = "added_tokens";

    private static final String MODEL = "model";
    private static final String VOCAB = "vocab";
    private static final String CONTENT = "content";
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
    private static final long LAST_NUMBER = 0xFFFF_FFFFL; // u32 of tokenizers

    private final Path path;
    private final Map<Long, String> vocabulary = new HashMap<>();
    private final Map<Long, String> added = new LinkedHashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();

    TokenizerFile(Path path) {
        this.path = path;
    }

    /** @param text what is wrong; behind it stands what to do */
    static SafetensorsFormatException problem(Path path, String text) {
        return new SafetensorsFormatException(
                path,
                -1,
                text + "; download " + NAME
                        + " again, as it was published with these weights, or take a GGUF of the model in the place of its"
                        + " folder");
    }

    void read() throws IOException {
        Map<String, @Nullable Object> parts = JsonFile.readSome(path, List.of(Set.of(ADDED, MODEL), Set.of(VOCAB)));
        takeVocabulary(parts.get(MODEL));
        if (parts.containsKey(ADDED)) { // tokenizers has none where it is not there
            takeAdded(parts.get(ADDED));
        }
    }

    Map<Long, String> vocabulary() {
        return vocabulary;
    }

    Map<Long, String> added() {
        return added;
    }

    /** A map of texts to numbers (BPE, WordPiece), or a list of texts with scores (Unigram). */
    private void takeVocabulary(@Nullable Object model) {
        switch (model instanceof Map<?, ?> members ? members.get(VOCAB) : null) {
            case Map<?, ?> map -> map.forEach((text, number) -> take(VOCABULARY, (String) text, number, vocabulary));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    if (!(list.get(i) instanceof List<?> token)
                            || token.isEmpty()
                            || !(token.getFirst() instanceof String text)) {
                        throw problem(path, VOCABULARY + ": element " + i + " is no token with a score");
                    }
                    put(VOCABULARY, text, i, vocabulary);
                }
            }
            case null, default ->
                throw problem(
                        path,
                        "no vocabulary (" + VOCABULARY + "), expected an object of tokens and their numbers, or an"
                                + " array");
        }
        if (vocabulary.isEmpty()) {
            throw problem(path, VOCABULARY + " is empty, expected the tokens of the rows of the embedding");
        }
    }

    private void takeAdded(@Nullable Object member) {
        if (!(member instanceof List<?> list)) {
            throw problem(path, ADDED + " is " + JsonWords.of(member) + ", expected an array of tokens");
        }
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof Map<?, ?> token) || !(token.get(CONTENT) instanceof String content)) {
                throw problem(path, ADDED + ": element " + i + " is no token with an id and a content");
            }
            take(ADDED, content, token.get("id"), added);
        }
    }

    private void take(String list, String text, @Nullable Object number, Map<Long, String> tokens) {
        if (!(number instanceof JsonNumber written)
                || !DIGITS.matcher(written.text()).matches()
                || Long.parseLong(written.text()) > LAST_NUMBER) {
            throw problem(
                    path,
                    list + ": the number of token " + Escape.quote(text) + " is "
                            + (number == null ? "null or not there" : JsonWords.of(number))
                            + ", expected a whole one from 0 to " + LAST_NUMBER);
        }
        put(list, text, Long.parseLong(written.text()), tokens);
    }

    private void put(String list, String text, long number, Map<Long, String> tokens) {
        String other = added.getOrDefault(number, vocabulary.get(number));
        if (other != null && !other.equals(text)) {
            throw problem(
                    path,
                    list + ": token " + Escape.quote(text) + " has the number " + number + ", which is that of "
                            + Escape.quote(other) + ", too, expected one token of each number");
        }
        Long before = numbers.putIfAbsent(text, number);
        if (before != null && before != number) {
            throw problem(
                    path,
                    list + ": token " + Escape.quote(text) + " has the number " + number + ", and " + before
                            + " before, expected one number for each token");
        }
        tokens.put(number, text);
    }
}
