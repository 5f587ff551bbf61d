package io.github.expogguf.score;

import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatPrompt;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Conversations and answers as tokens, by the chat template of the model. */
final class ChatText {

    private static final String MARKER = "quorvaxil"; // an answer that no template changes

    private final LlamaModel model;

    ChatText(LlamaModel model) {
        this.model = model;
    }

    /** A conversation, up to where the answer begins. */
    int[] prompt(List<ChatMessage> messages) {
        return model.chatPrompt(messages, true).tokens();
    }

    /**
     * The conversation and the scored answer, with the token that ends it: all that follows the prompt which opens the
     * answer. What a template writes after that token says nothing of the answer and is left out.
     */
    Passage answered(List<ChatMessage> messages, ChatMessage answer) {
        ChatPrompt before = model.chatPrompt(messages, true);
        return Passage.of(before.tokens(), ended(continuation(written(messages, answer, before.text()), before)));
    }

    /**
     * The finished conversation as the template writes it, if it keeps to the prompt and leaves the answer alone. Else,
     * as with templates that open a thinking tag, or remove thoughts from finished answers, the answer as the model
     * would have to write it after the prompt, in what the template writes around an answer.
     */
    private String written(List<ChatMessage> messages, ChatMessage answer, String before) {
        String written = finished(messages, answer);
        if (written.startsWith(before) && written.indexOf(answer.content().strip(), before.length()) >= 0) {
            return written;
        }
        String marked = finished(messages, ChatMessage.assistant(MARKER));
        int answerStart = marked.lastIndexOf(MARKER);
        if (answerStart < 0) {
            return before + answer.content();
        }
        String lead = marked.startsWith(before) && before.length() <= answerStart
                ? marked.substring(before.length(), answerStart)
                : "";
        String tail = marked.substring(answerStart + MARKER.length());
        return before + (lead.isBlank() ? lead : "") + answer.content() + tail;
    }

    private String finished(List<ChatMessage> messages, ChatMessage answer) {
        List<ChatMessage> turns =
                Stream.concat(messages.stream(), Stream.of(answer)).toList();
        return model.chatPrompt(turns, false).text();
    }

    private int[] continuation(String all, ChatPrompt before) {
        int[] tokens = model.tokenizePrompt(all);
        int shared = before.tokens().length;
        boolean continues = tokens.length > shared && Arrays.equals(tokens, 0, shared, before.tokens(), 0, shared);
        return continues
                ? Arrays.copyOfRange(tokens, shared, tokens.length)
                : model.tokenizeMarkup(all.substring(before.text().length()));
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
