package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A conversation, in a context of its own. Keeps what was said, so that one message more is enough to go on. Remembers
 * the keys and values of the tokens it has seen, so that a prompt that begins like the last prompt and its answer, as
 * the next turn does, costs its new tokens only; forgets them when the weights of the model change. The answer is that
 * of a {@link LlamaContext}, which starts afresh each time; sums may be rounded differently in rare cases.
 *
 * <pre>{@code
 * try (ChatSession session = ChatSession.open(model, ContextOptions.defaults())) {
 *     session.answer(ChatMessage.user("Which city rules Chile?"), GenerationOptions.greedy(64), System.out::print);
 *     session.answer(ChatMessage.user("And Peru?"), GenerationOptions.greedy(64), System.out::print);
 * }
 * }</pre>
 *
 * <p>Serves one call at a time, from any thread; a call while another is under way throws {@link
 * IllegalStateException}, and so does a closed session. A conversation that is longer than the context is refused with
 * an {@link InferenceException}, and nothing is left out of it; an answer that fills the context ends there, with
 * {@link FinishReason#LENGTH}.
 */
public final class ChatSession implements AutoCloseable {

    private final LlamaContext context;
    private final KnownSequence sequence;
    private volatile List<ChatMessage> messages = List.of();
    private volatile @Nullable ChatStream stream; // the last one that was handed out
    private volatile boolean closed;

    private ChatSession(LlamaContext context) {
        this.context = context;
        this.sequence = new KnownSequence(context);
    }

    /**
     * Makes room for a conversation.
     *
     * @param model   a loaded model; it has to stay open meanwhile
     * @param options context, batch and threads; there is one sequence whatever they say
     * @return the session, to be closed by the caller
     * @throws InferenceException if llama.cpp cannot
     */
    public static ChatSession open(LlamaModel model, ContextOptions options) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        return new ChatSession(LlamaContext.open(model, options.withSequences(1)));
    }

    /** {@return tokens that the conversation may have, the answer included} */
    public int contextTokens() {
        return context.contextTokens();
    }

    /** {@return the model that answers} */
    public LlamaModel model() {
        return context.model();
    }

    /** {@return tokens of the last prompt that did not have to be computed again} */
    public int reusedTokens() {
        return sequence.reusedTokens();
    }

    /** {@return what was said so far, questions and answers} */
    public List<ChatMessage> messages() {
        return messages;
    }

    /**
     * Goes on with another conversation, as after an earlier run; with none at all, if the list is empty.
     *
     * @param messages the conversation, at least one message
     * @throws IllegalStateException if an answer is under way, or this is closed
     */
    public void setMessages(List<ChatMessage> messages) {
        List<ChatMessage> copy = Elements.copy(messages, "messages");
        context.runAlone(() -> this.messages = copy);
    }

    /**
     * Answers one message more. Message and answer belong to the conversation afterwards, unless the answer fails or is
     * ended before its first token.
     *
     * @param message  what comes next, as a rule the user's
     * @param how      how tokens are chosen, how many at most, and what ends an answer
     * @param listener hears every piece of the answer, on the calling thread; what it throws ends the answer
     * @return the answer, and why it ended
     * @throws io.github.expogguf.ChatTemplateException as {@link LlamaModel#chatPrompt} does
     * @throws InferenceException                       if the conversation does not fit into the context, or llama.cpp
     *                                                  fails
     * @throws io.github.expogguf.CancelledException    if it was cancelled, or the calling thread is interrupted
     */
    public Generation answer(ChatMessage message, GenerationOptions how, Consumer<String> listener) {
        return answer(with(message), how, listener);
    }

    /**
     * Same, for a whole conversation, in place of what was said before.
     *
     * @param conversation all turns, at least one message
     * @param how          how tokens are chosen, how many at most, and what ends an answer
     * @param listener     hears every piece of the answer, on the calling thread
     * @return the answer, and why it ended
     */
    public Generation answer(List<ChatMessage> conversation, GenerationOptions how, Consumer<String> listener) {
        Objects.requireNonNull(listener, "listener");
        return begin(conversation, how).answer(text -> {
            if (!text.isEmpty()) {
                listener.accept(text);
            }
            return true;
        });
    }

    /**
     * Same as {@link #answer(ChatMessage, GenerationOptions, Consumer)}, piece by piece, as fast as they are asked for.
     *
     * @param message what comes next, as a rule the user's
     * @param how     how tokens are chosen, how many at most, and what ends an answer
     * @return the answer, which grows as it is read, to be closed by the caller
     */
    public ChatStream stream(ChatMessage message, GenerationOptions how) {
        return stream(with(message), how);
    }

    /**
     * Same, for a whole conversation, in place of what was said before.
     *
     * @param conversation all turns, at least one message
     * @param how          how tokens are chosen, how many at most, and what ends an answer
     * @return the answer, which grows as it is read, to be closed by the caller
     */
    public ChatStream stream(List<ChatMessage> conversation, GenerationOptions how) {
        return handOut(begin(conversation, how));
    }

    private ChatStream begin(List<ChatMessage> conversation, GenerationOptions how) {
        Elements.require(conversation, "conversation");
        Objects.requireNonNull(how, "how");
        List<ChatMessage> asked = List.copyOf(conversation);
        int[] prompt = model().chatPrompt(asked, true).tokens();
        if (prompt.length > contextTokens()) {
            throw new InferenceException(model().name() + ": the conversation has " + prompt.length
                    + " tokens, expected at most " + contextTokens() + " (the context)");
        }
        return begin(prompt, how, () -> false, answer -> keep(asked, answer));
    }

    private ChatStream handOut(ChatStream opened) {
        stream = opened;
        if (closed) { // meanwhile, by another thread
            opened.close();
            throw new IllegalStateException("the session is closed");
        }
        return opened;
    }

    private List<ChatMessage> with(ChatMessage message) {
        List<ChatMessage> longer = new ArrayList<>(messages);
        longer.add(Objects.requireNonNull(message, "message"));
        return longer;
    }

    private void keep(List<ChatMessage> asked, Generation answer) {
        if (!closed
                && (answer.finishReason() != FinishReason.STOPPED
                        || !answer.tokens().isEmpty())) {
            List<ChatMessage> longer = new ArrayList<>(asked);
            longer.add(ChatMessage.assistant(answer.text().strip()));
            messages = List.copyOf(longer);
        }
    }

    /**
     * Answers a prompt that is tokenized already, and keeps the messages as they are.
     *
     * @param prompt   the whole conversation, tokenized; at least one token, at most {@link #contextTokens}
     * @param how      how tokens are chosen, how many at most, and what ends an answer
     * @param listener hears the answer grow and may stop it
     * @return the answer, and why it ended
     * @throws IllegalArgumentException if a token is not in the vocabulary
     * @throws InferenceException       if the prompt does not fit into the context, or llama.cpp fails
     */
    public Generation answer(int[] prompt, GenerationOptions how, Generation.Listener listener) {
        return answer(prompt, how, listener, new Cancellation());
    }

    /**
     * Same, and ends the answer on request.
     *
     * @param prompt   the whole conversation, tokenized; at least one token, at most {@link #contextTokens}
     * @param how      how tokens are chosen, how many at most, and what ends an answer
     * @param listener hears the answer grow and may stop it
     * @param stop ends the answer, even while the prompt is read, with what there is of it then; the cancellation of
     *             the options ends it with an exception
     * @return the answer, and why it ended
     */
    public Generation answer(int[] prompt, GenerationOptions how, Generation.Listener listener, Cancellation stop) {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(how, "how");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(stop, "stop");
        return answer(prompt, how, listener, stop::isCancelled);
    }

    /** @param stop asked often, on any thread */
    Generation answer(int[] prompt, GenerationOptions how, Generation.Listener listener, BooleanSupplier stop) {
        return begin(prompt, how, stop, answer -> {}).answer(text -> listener.onText(0, text));
    }

    private ChatStream begin(int[] prompt, GenerationOptions how, BooleanSupplier stop, Consumer<Generation> whenDone) {
        context.requireFits(prompt, "the conversation");
        context.requireGrammar(how);
        return new ChatStream(sequence, context.decoder(), prompt, how, stop, whenDone);
    }

    /**
     * Frees the memory, after the call that may be under way; a {@link ChatStream} ends, as stopped. The messages stay
     * as they are.
     */
    @Override
    public void close() {
        closed = true;
        ChatStream open = stream;
        if (open != null) {
            open.close();
        }
        context.close();
    }
}
