package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.infer.prompt.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What was said so far. Pure. */
final class ChatTurns {

    private final Function<List<ChatMessage>, int[]> tokenizer;
    private final List<Turn> turns = new ArrayList<>();
    private String system = "";

    /** @param tokenizer writes a conversation the way the model reads it */
    ChatTurns(Function<List<ChatMessage>, int[]> tokenizer) {
        this.tokenizer = tokenizer;
    }

    private record Turn(String question, String answer) {}

    /**
     * What the model gets.
     *
     * @param tokens  instructions, earlier turns, the message
     * @param dropped turns that were forgotten to make room
     */
    record Prompt(int[] tokens, int dropped) {}

    String system() {
        return system;
    }

    /** Instructions that come first; none if blank. */
    void instruct(String text) {
        system = text;
    }

    /** Forgets the turns; the instructions stay. */
    void reset() {
        turns.clear();
    }

    int turns() {
        return turns.size();
    }

    /**
     * The conversation with a new message. If it leaves less than {@code answerTokens} of the context, the oldest turns
     * are forgotten until half of the context is free, because whenever the beginning changes, the model has to read
     * everything anew: better at once than with every message.
     *
     * @throws IllegalArgumentException if the message alone is too long
     */
    Prompt prompt(String message, int contextTokens, int answerTokens) {
        int[] tokens = tokenizer.apply(messages(message));
        if (tokens.length <= contextTokens - answerTokens) {
            return new Prompt(tokens, 0);
        }
        int dropped = 0;
        while (!turns.isEmpty() && tokens.length > contextTokens / 2) {
            turns.removeFirst();
            dropped++;
            tokens = tokenizer.apply(messages(message));
        }
        if (tokens.length >= contextTokens) {
            throw new IllegalArgumentException("the message has " + Units.count(tokens.length, "token")
                    + (system.isBlank() ? "" : " with the instructions") + ", expected fewer than "
                    + Units.count(contextTokens) + " (the context; -c makes it larger)");
        }
        return new Prompt(tokens, dropped);
    }

    private List<ChatMessage> messages(String message) {
        List<ChatMessage> messages = new ArrayList<>();
        if (!system.isBlank()) {
            messages.add(ChatMessage.system(system));
        }
        for (Turn turn : turns) {
            messages.add(ChatMessage.user(turn.question));
            messages.add(ChatMessage.assistant(turn.answer));
        }
        messages.add(ChatMessage.user(message));
        return messages;
    }

    /** A message was answered. */
    void add(String message, String answer) {
        turns.add(new Turn(message, answer));
    }
}
