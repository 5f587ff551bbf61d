package io.github.expogguf.score;

import java.util.Objects;

/**
 * A pair of answers of which one is better.
 *
 * @param prompt   what the user says, not empty; the chat template is not yet applied
 * @param chosen   the better answer, not empty
 * @param rejected the worse answer, not empty
 * @param origin   where it comes from, for messages, as in {@code preferences.jsonl:17}
 */
public record Preference(String prompt, String chosen, String rejected, String origin) {

    /** Refuses empty texts. */
    public Preference {
        requireText("prompt", prompt);
        requireText("chosen answer", chosen);
        requireText("rejected answer", rejected);
        Objects.requireNonNull(origin, "origin");
    }

    /** A pair that comes from nowhere in particular. */
    public Preference(String prompt, String chosen, String rejected) {
        this(prompt, chosen, rejected, "preference");
    }

    private static void requireText(String what, String text) {
        Objects.requireNonNull(text, what);
        if (text.isBlank()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
    }
}
