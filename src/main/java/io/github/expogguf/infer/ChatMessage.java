package io.github.expogguf.infer;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role    who speaks: {@code system}, {@code user} or {@code assistant}, or what else the model's template knows
 * @param content what is said
 */
public record ChatMessage(String role, String content) {

    /** Both parts are required. */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /** Instructions that come before the conversation. */
    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    /** What the user says. */
    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    /** What the model said. */
    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }
}
