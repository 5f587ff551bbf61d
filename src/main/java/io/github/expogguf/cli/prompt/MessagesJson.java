package io.github.expogguf.cli.prompt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.expogguf.PromptException;
import io.github.expogguf.infer.prompt.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conversations in JSON, as transformers, TRL and OpenAI's interface have them: an array of objects with role and
 * content. A content is a text or a list of parts, whose texts count; it may be missing or null beside other fields,
 * such as tool calls. All fields reach the template.
 */
public final class MessagesJson {

    private MessagesJson() {}

    /**
     * The turns.
     *
     * @param what   for messages, as in {@code prompt}
     * @param origin where it stands, for messages
     * @throws PromptException if a turn is not one
     */
    public static List<ChatMessage> read(JsonArray turns, String what, String origin) {
        if (turns.isEmpty()) {
            throw new PromptException(origin + ": the " + what + " has no turns");
        }
        List<ChatMessage> messages = new ArrayList<>();
        turns.forEach(turn -> messages.add(message(StrictJson.object(turn, origin), what, origin)));
        return messages;
    }

    private static ChatMessage message(JsonObject turn, String what, String origin) {
        String role = string(turn.get("role"), what + "'s role", origin);
        Map<String, @Nullable Object> fields = StrictJson.map(turn, origin);
        fields.remove("role");
        JsonElement content = turn.get("content");
        if (content != null && content.isJsonArray()) {
            return new ChatMessage(role, parts(content.getAsJsonArray(), what, origin), fields);
        }
        fields.remove("content");
        if ((content == null || content.isJsonNull()) && !fields.isEmpty()) {
            fields.put("content", null);
            return new ChatMessage(role, "", fields);
        }
        return new ChatMessage(role, string(content, what + "'s content", origin), fields);
    }

    private static String parts(JsonArray parts, String what, String origin) {
        List<String> texts = new ArrayList<>();
        for (JsonElement part : parts) {
            JsonElement text = StrictJson.object(part, origin).get("text");
            String name = what + "'s part " + (texts.size() + 1);
            if (text == null) {
                throw new PromptException(origin + ": the " + name + " has no text, and nothing but text is sent");
            }
            texts.add(string(text, name, origin));
        }
        return String.join("\n", texts);
    }

    static String string(JsonElement element, String what, String origin) {
        JsonElement value = element == null ? JsonNull.INSTANCE : element;
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw new PromptException(origin + ": the " + what + " is not a string");
        }
        return value.getAsString();
    }
}
