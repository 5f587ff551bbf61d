package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Escape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pair of answers in JSON, in the shapes that preference data sets have: a prompt, as text or as a conversation,
 * with two answers, as texts or as conversations of one turn; or two whole conversations that are the same up to the
 * last turn, with the prompt repeated beside them or not. TRL calls these formats standard and conversational, with
 * explicit and implicit prompts.
 */
final class PreferenceJson {

    private PreferenceJson() {}

    /** The last turn of a conversation, and what is before it; nothing where the answer alone was given. */
    private record Answered(List<ChatMessage> before, ChatMessage answer) {}

    static Preference read(Map<String, @Nullable Object> object, String origin) {
        String name = object.containsKey("instruction") && !object.containsKey("prompt") ? "instruction" : "prompt";
        Answered chosen = answered(object, "chosen", origin);
        Answered rejected = answered(object, "rejected", origin);
        List<ChatMessage> shared = chosen.before().isEmpty() ? rejected.before() : chosen.before();
        if (!rejected.before().isEmpty() && !rejected.before().equals(shared)) {
            throw new PromptException(origin + ": 'chosen' and 'rejected' are different conversations before their last"
                    + " turns, expected the same");
        }
        List<ChatMessage> messages = shared;
        if (object.containsKey(name) || shared.isEmpty()) {
            List<ChatMessage> prompt = ConversationJson.turns(object, name, "prompt", "user", origin);
            messages = joined(prompt, object.get(name) instanceof List<?>, shared)
                    .orElseThrow(() -> new PromptException(
                            origin + ": the prompt is not in the conversation that 'chosen' and 'rejected' end"));
        }
        return new Preference(messages, chosen.answer(), rejected.answer(), origin);
    }

    /** The prompt with what the answers have before their last turns; empty if these are of another conversation. */
    private static Optional<List<ChatMessage>> joined(
            List<ChatMessage> prompt, boolean isConversation, List<ChatMessage> shared) {
        if (shared.isEmpty()) {
            return Optional.of(prompt);
        }
        if (!isConversation) { // a text beside a conversation is one of its turns
            String text = prompt.getFirst().content().strip();
            boolean isTurn =
                    shared.stream().anyMatch(turn -> turn.content().strip().equals(text));
            return isTurn ? Optional.of(shared) : Optional.empty();
        }
        boolean isRepeated = shared.size() >= prompt.size()
                && shared.subList(0, prompt.size()).equals(prompt);
        boolean goesOn = shared.getFirst().role().equals("assistant");
        return isRepeated
                ? Optional.of(shared)
                : goesOn
                        ? Optional.of(
                                Stream.concat(prompt.stream(), shared.stream()).toList())
                        : Optional.empty();
    }

    private static Answered answered(Map<String, @Nullable Object> object, String field, String origin) {
        List<ChatMessage> turns = ConversationJson.turns(object, field, field + " answer", "assistant", origin);
        ChatMessage last = turns.getLast();
        if (!last.role().equals("assistant")) {
            throw new PromptException(String.format(
                    Locale.ROOT,
                    "%s: the %s answer ends with a turn of '%s', expected one of 'assistant'",
                    origin,
                    field,
                    Escape.text(last.role())));
        }
        return new Answered(turns.subList(0, turns.size() - 1), last);
    }
}
