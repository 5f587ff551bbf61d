package io.github.expogguf.infer;

import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.thread.PlatformThreads;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * Many conversations with one model at the same time: a context and a thread that answers in it, as many answers at a
 * time as the context has sequences, the others in the order of asking. Every step computes one more token of all of
 * them (continuous batching), so that none waits for the end of another; a long prompt is read in parts between the
 * tokens of the others.
 *
 * <p>Nothing has to be said about which conversation an answer belongs to: what the sequences remember is compared with
 * the whole conversation that is asked about, and only what is new is computed, as long as fewer conversations are held
 * than there are sequences. An answer that fails, is cancelled or fills its part of the context does not touch the
 * others. A greedy answer is the one of a {@link LlamaContext} of its own, except that sums may be rounded differently
 * in rare cases, because they are computed in other batches.
 *
 * <p>Safe for any thread, virtual ones too. While there are answers under way, the weights of the model cannot be
 * changed; when they were, everything is computed anew.
 */
public final class ChatServer implements AutoCloseable {

    private final LlamaModel model;
    private final LlamaContext context;
    private final ChatLoop loop;
    private final Thread thread;

    private ChatServer(LlamaModel model, LlamaContext context) {
        this.model = model;
        this.context = context;
        this.loop = new ChatLoop(context);
        this.thread = PlatformThreads.daemon("expo-gguf answers of " + model.name(), loop);
    }

    /**
     * Makes room for conversations, and begins to wait for them.
     *
     * @param model   a loaded model; it has to stay open meanwhile
     * @param options {@code sequences} answers at a time, of {@code contextTokens} each with their prompts
     * @return the server, to be closed by the caller
     * @throws io.github.expogguf.InferenceException if llama.cpp cannot
     */
    public static ChatServer open(LlamaModel model, ContextOptions options) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        ChatServer server = new ChatServer(model, LlamaContext.open(model, options));
        server.thread.start();
        return server;
    }

    /** {@return the model that answers} */
    public LlamaModel model() {
        return model;
    }

    /** {@return tokens that a conversation may have, the answer included} */
    public int contextTokens() {
        return context.contextTokens();
    }

    /** {@return answers that are made at a time} */
    public int sequences() {
        return context.sequences();
    }

    /** {@return answers that nobody works on yet, for services that would rather refuse than keep waiting} */
    public int waiting() {
        return loop.waiting();
    }

    /**
     * Begins to answer a conversation; returns at once.
     *
     * @param messages the whole conversation, at least one message
     * @param how      the seed is used as it is; stop strings and a cancellation are heeded
     * @return the answer, which grows as it is read
     * @throws io.github.expogguf.ChatTemplateException as {@link LlamaModel#chatPrompt} does
     * @throws io.github.expogguf.InferenceException    if the conversation does not fit into the context
     * @throws IllegalStateException                    if the server is closed
     */
    public ChatAnswer answer(List<ChatMessage> messages, GenerationOptions how) {
        return answer(model.chatPrompt(messages, true).tokens(), how);
    }

    /**
     * Begins to answer a prompt that is tokenized already; returns at once.
     *
     * @param prompt the whole conversation; at least one token, at most {@link #contextTokens}; copied
     * @param how    how tokens are chosen, how many at most, and what ends an answer
     * @return the answer, which grows as it is read
     * @throws IllegalArgumentException              if a token is not in the vocabulary
     * @throws io.github.expogguf.InferenceException if the prompt does not fit into the context
     * @throws IllegalStateException                 if the server is closed
     */
    public ChatAnswer answer(int[] prompt, GenerationOptions how) {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(how, "how");
        int[] copy = prompt.clone();
        context.requireFits(copy, "the conversation");
        context.requireGrammar(how);
        ChatAnswer answer = new ChatAnswer(copy, how);
        loop.add(answer);
        return answer;
    }

    /**
     * {@return the asynchronous form: every subscriber gets an answer of its own, begun when it subscribes, piece by
     * piece as it asks for them, on a virtual thread} What {@link #answer} throws, and what an answer fails with, is
     * its {@code onError}; cancelling the subscription ends the answer.
     *
     * @param messages the conversation, at least one message
     * @param how      how tokens are chosen, how many at most, and what ends an answer
     */
    public Flow.Publisher<String> publisher(List<ChatMessage> messages, GenerationOptions how) {
        Elements.require(messages, "messages");
        List<ChatMessage> copy = List.copyOf(messages);
        Objects.requireNonNull(how, "how");
        return subscriber -> AnswerSubscription.begin(subscriber, () -> answer(copy, how));
    }

    /** Ends all answers, as stopped, and frees the memory; waits until that is done. */
    @Override
    public void close() {
        loop.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
