package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conversations in JSON: an array of objects with role and content. A content is a text or a list of parts, whose texts
 * count; it may be missing or null beside other fields, such as tool calls. All fields reach the template.
 */
final class ConversationJson {

    private ConversationJson() {}

    /**
     * The turns.
     *
     * @param what   for messages, as in {@code prompt}
     * @param origin where it stands, for messages
     * @throws PromptException if a turn is not one
     */
    static List<ChatMessage> read(List<?> turns, String what, String origin) {
        if (turns.isEmpty()) {
            throw new PromptException(origin + ": the " + what + " has no turns");
        }
        List<ChatMessage> messages = new ArrayList<>();
        turns.forEach(turn -> messages.add(message(StrictJson.object(turn, origin), what, origin)));
        return messages;
    }

    /** A conversation in a field, or a text, which is one turn of this role. */
    static List<ChatMessage> turns(
            Map<String, @Nullable Object> object, String field, String what, String role, String origin) {
        if (!object.containsKey(field)) {
            throw new PromptException(origin + ": there is no field '" + field + "'; the fields are "
                    + Escape.text(object.keySet().toString()) + misspelt(object, field));
        }
        Object value = object.get(field);
        return value instanceof List<?> turns
                ? read(turns, what, origin)
                : List.of(new ChatMessage(role, string(value, what, origin)));
    }

    private static String misspelt(Map<String, @Nullable Object> object, String field) {
        return object.keySet().stream()
                .filter(key -> !Similar.to(key, List.of(field)).isEmpty())
                .findFirst()
                .map(key -> "; did you mean " + field + " by " + Escape.quote(key) + "?")
                .orElse("");
    }

    private static ChatMessage message(Map<String, @Nullable Object> turn, String what, String origin) {
        String role = string(turn.get("role"), what + "'s role", origin);
        Map<String, @Nullable Object> fields = StrictJson.templateValues(turn, origin);
        fields.remove("role");
        Object content = turn.get("content");
        if (content instanceof List<?> parts) {
            return new ChatMessage(role, parts(parts, what, origin), fields);
        }
        fields.remove("content");
        if (content == null && !fields.isEmpty()) {
            fields.put("content", null);
            return new ChatMessage(role, "", fields);
        }
        return new ChatMessage(role, string(content, what + "'s content", origin), fields);
    }

    private static String parts(List<?> parts, String what, String origin) {
        List<String> texts = new ArrayList<>();
        for (Object part : parts) {
            Map<String, @Nullable Object> fields = StrictJson.object(part, origin);
            String name = what + "'s part " + (texts.size() + 1);
            if (!fields.containsKey("text")) {
                throw new PromptException(origin + ": the " + name + " has no text, and nothing but text is sent");
            }
            texts.add(string(fields.get("text"), name, origin));
        }
        return String.join("\n", texts);
    }

    private static String string(@Nullable Object value, String what, String origin) {
        if (!(value instanceof String text)) {
            throw new PromptException(origin + ": the " + what + " is not a string");
        }
        return text;
    }
}
