package io.github.expogguf.score;

import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked: a conversation up to where it answers, as from a line of a prompts file.
 *
 * @param messages turns before the answer, the last of them not the assistant's; the chat template is not yet applied.
 *                 Copied
 * @param fields   everything the line has, the prompt included, in its order: strings, {@link Number}s, booleans,
 *                 nulls, lists and maps of the same; copied, unmodifiable
 * @param origin   where it comes from, for messages, as in {@code prompts.jsonl:17}
 */
@SuppressWarnings("exports") // of the annotation, which nobody needs when the classes run
public record Prompt(List<ChatMessage> messages, Map<String, @Nullable Object> fields, String origin) {

    /** Copies list and outer map; refuses conversations that leave nothing to answer. */
    public Prompt {
        Objects.requireNonNull(origin, "origin");
        messages = Elements.copy(messages, "messages");
        requireQuestion(messages);
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(Elements.requireKeys(fields, "fields")));
    }

    /**
     * One turn of the user.
     *
     * @param text   what the user says
     * @param fields further fields of its line, by name
     * @param origin for messages, as in {@code prompts.jsonl:17}
     */
    public Prompt(String text, Map<String, @Nullable Object> fields, String origin) {
        this(List.of(ChatMessage.user(Objects.requireNonNull(text, "text"))), fields, origin);
    }

    /**
     * One turn of the user, from nowhere in particular.
     *
     * @param text   what the user says
     * @param fields further fields of its line, by name
     */
    public Prompt(String text, Map<String, @Nullable Object> fields) {
        this(text, fields, "prompt");
    }

    /**
     * {@return a prompt whose only field is {@code prompt}}
     *
     * @param text what the user says
     */
    public static Prompt of(String text) {
        Objects.requireNonNull(text, "text");
        return new Prompt(text, Map.of("prompt", text));
    }

    static void requireQuestion(List<ChatMessage> messages) {
        if (messages.isEmpty() || (messages.getLast().content().isBlank() && hasTextAlone(messages.getLast()))) {
            throw new IllegalArgumentException("the prompt is empty");
        }
        String last = messages.getLast().role();
        if (last.equals("assistant")) {
            throw new IllegalArgumentException("the prompt ends with a turn of 'assistant', expected one of 'user'");
        }
    }

    private static boolean hasTextAlone(ChatMessage message) {
        return !message.fields().containsKey("content");
    }

    /** {@return whether it is nothing but one text of the user} */
    public boolean isText() {
        return messages.size() == 1
                && messages.getFirst()
                        .equals(ChatMessage.user(messages.getFirst().content()));
    }

    /**
     * {@return what is asked in one text: that of the only turn, or all turns with their roles, a blank line between
     * them}
     */
    public String text() {
        return text(messages);
    }

    static String text(List<ChatMessage> messages) {
        return messages.size() == 1
                ? messages.getFirst().content()
                : messages.stream()
                        .map(message -> message.role() + ": " + message.content())
                        .collect(Collectors.joining("\n\n"));
    }
}
