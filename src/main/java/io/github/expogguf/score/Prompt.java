package io.github.expogguf.score;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One line of a prompts file.
 *
 * @param text   what the user says, not empty; the chat template is not yet applied
 * @param fields everything the line has, the prompt included, in its order: strings, {@link Number}s, booleans, nulls,
 *               lists and maps of the same; copied, unmodifiable
 * @param origin where it comes from, for messages, as in {@code prompts.jsonl:17}
 */
public record Prompt(String text, Map<String, Object> fields, String origin) {

    /** Copies the outer map. */
    public Prompt {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(origin, "origin");
        if (text.isBlank()) {
            throw new IllegalArgumentException("the prompt is empty");
        }
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** A prompt that comes from nowhere in particular. */
    public Prompt(String text, Map<String, Object> fields) {
        this(text, fields, "prompt");
    }

    /** A prompt whose only field is {@code prompt}. */
    public static Prompt of(String text) {
        return new Prompt(text, Map.of("prompt", text));
    }
}
