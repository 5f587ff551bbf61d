package io.github.expogguf.score;

import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * A pair of answers of which one is better.
 *
 * @param messages the conversation up to the answers, the last turn not the assistant's; the chat template is not yet
 *                 applied. Copied
 * @param chosen   the better answer, not empty
 * @param rejected the worse answer, not empty
 * @param origin   where it comes from, for messages, as in {@code preferences.jsonl:17}
 */
public record Preference(List<ChatMessage> messages, ChatMessage chosen, ChatMessage rejected, String origin) {

    /** Copies the list; refuses empty texts. */
    public Preference {
        Objects.requireNonNull(chosen, "chosen");
        Objects.requireNonNull(rejected, "rejected");
        Objects.requireNonNull(origin, "origin");
        messages = Elements.copy(messages, "messages");
        Prompt.requireQuestion(messages);
        requireText("chosen answer", chosen);
        requireText("rejected answer", rejected);
    }

    /**
     * Two answers to one turn of the user.
     *
     * @param prompt   what the user says
     * @param chosen   the better answer
     * @param rejected the worse answer
     * @param origin   for messages, as in {@code pairs.jsonl:17}
     */
    public Preference(String prompt, String chosen, String rejected, String origin) {
        this(
                List.of(ChatMessage.user(Objects.requireNonNull(prompt, "prompt"))),
                ChatMessage.assistant(Objects.requireNonNull(chosen, "chosen")),
                ChatMessage.assistant(Objects.requireNonNull(rejected, "rejected")),
                origin);
    }

    /**
     * A pair that comes from nowhere in particular.
     *
     * @param prompt   what the user says
     * @param chosen   the better answer
     * @param rejected the worse answer
     */
    public Preference(String prompt, String chosen, String rejected) {
        this(prompt, chosen, rejected, "preference");
    }

    private static void requireText(String what, ChatMessage answer) {
        if (answer.content().isBlank()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
    }
}
