package io.github.expogguf.infer.prompt;

import io.github.expogguf.text.Elements;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation.
 *
 * @param role    who speaks: {@code system}, {@code user} or {@code assistant}, or what else the model's template knows
 * @param content what is said
 * @param fields  what else the template sees of the turn, as in {@code reasoning_content} or {@code tool_calls}:
 *                strings, booleans, {@link Long}s, {@link java.math.BigInteger}s, {@link Double}s, nulls, lists and
 *                maps of the same; a field {@code content} is seen in place of the text, for templates that take lists
 *                of parts. Copied, unmodifiable
 */
@SuppressWarnings("exports") // of the annotation, which nobody needs when the classes run
public record ChatMessage(String role, String content, Map<String, @Nullable Object> fields) {

    /** Role and content are required; copies the outer map. */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(Elements.requireKeys(fields, "fields")));
    }

    /**
     * A turn that is text and nothing else.
     *
     * @param role    who says it: {@code system}, {@code user}, {@code assistant} or what else the template knows
     * @param content the text of the turn
     */
    public ChatMessage(String role, String content) {
        this(role, content, Map.of());
    }

    /**
     * {@return instructions that come before the conversation}
     *
     * @param content the text of the turn
     */
    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    /**
     * {@return what the user says}
     *
     * @param content the text of the turn
     */
    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    /**
     * {@return what the model said}
     *
     * @param content the text of the turn
     */
    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }

    /** {@return the turn as templates and JSON see it: role, content, then the fields; unmodifiable} */
    public Map<String, @Nullable Object> asMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("role", role);
        map.put("content", content);
        map.putAll(fields);
        return Collections.unmodifiableMap(map);
    }
}
