package io.github.expogguf.score;

import io.github.expogguf.infer.ChatMessage;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Prompts and answers as the tokens of a conversation, by the chat template of the model. */
final class ChatText {

    private final LlamaModel model;

    ChatText(LlamaModel model) {
        this.model = model;
    }

    /** What the user says, up to where the answer begins. */
    int[] prompt(String prompt) {
        return model.tokenize(promptText(prompt), true, true);
    }

    private String promptText(String prompt) {
        return model.applyChatTemplate(List.of(ChatMessage.user(prompt)), true);
    }

    /**
     * The prompt and the scored answer, with the token that ends it. What a template writes after that token says
     * nothing of the answer and is left out.
     */
    Passage answered(String prompt, String answer) {
        String before = promptText(prompt);
        int[] beforeTokens = model.tokenize(before, true, true);
        int[] answerTokens = ended(answerTokens(prompt, answer, before, beforeTokens));
        return Passage.of(beforeTokens, answerTokens);
    }

    private int[] answerTokens(String prompt, String answer, String before, int[] beforeTokens) {
        List<ChatMessage> turns = List.of(ChatMessage.user(prompt), ChatMessage.assistant(answer));
        String written = model.applyChatTemplate(turns, false);
        // a template may open answers in a way that it does not write in finished ones, such as a thinking tag
        String all = written.startsWith(before) ? written : before + answer;
        int[] tokens = model.tokenize(all, true, true);
        int shared = beforeTokens.length;
        boolean continues = tokens.length > shared && Arrays.equals(tokens, 0, shared, beforeTokens, 0, shared);
        return continues
                ? Arrays.copyOfRange(tokens, shared, tokens.length)
                : model.tokenize(all.substring(before.length()), false, true);
    }

    private int[] ended(int[] tokens) {
        for (int i = 0; i < tokens.length; i++) {
            if (model.isEndOfGeneration(tokens[i])) {
                return Arrays.copyOf(tokens, i + 1);
            }
        }
        OptionalInt end = model.endOfSequence();
        int[] ended = Arrays.copyOf(tokens, tokens.length + (end.isPresent() ? 1 : 0));
        end.ifPresent(token -> ended[tokens.length] = token);
        return ended;
    }
}
