package io.github.expogguf.start;

import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A loaded model, and one conversation with it, by the model's own chat template. What was said before is remembered.
 * Serves one call at a time, from any thread.
 */
public final class Conversation implements AutoCloseable {

    /** Most tokens of a conversation whose context nobody chose; models that were trained with fewer have fewer. */
    public static final int CONTEXT_TOKENS = 4096;

    private final LlamaModel model;
    private final ChatSession session;

    private Conversation(LlamaModel model, ChatSession session) {
        this.model = model;
        this.session = session;
    }

    static Conversation open(Path file, Cancellation cancellation) throws IOException {
        ContextOptions context = ContextOptions.defaults().withContextTokens(CONTEXT_TOKENS);
        return open(file, LoadOptions.defaults(), context, cancellation);
    }

    /**
     * Loads a model.
     *
     * @param file    a model, or the first of its shards
     * @param load    on which devices, and how
     * @param context how many tokens a conversation may have; at most as many as the model was trained with
     * @return the conversation, at its beginning, to be closed by the caller
     * @throws io.github.expogguf.ExpoException if it cannot be loaded
     * @throws IOException                      if a file cannot be read
     */
    public static Conversation open(Path file, LoadOptions load, ContextOptions context) throws IOException {
        return open(file, load, context, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param file         a model, or the first of its shards
     * @param load         on which devices, and how
     * @param context      how many tokens a conversation may have
     * @param cancellation ends the loading from any thread, with nothing left behind
     * @return the conversation, at its beginning, to be closed by the caller
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     * @throws IOException                           if a file cannot be read
     */
    public static Conversation open(Path file, LoadOptions load, ContextOptions context, Cancellation cancellation)
            throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(load, "load");
        Objects.requireNonNull(context, "context");
        Objects.requireNonNull(cancellation, "cancellation");
        LlamaModel model = LlamaModel.load(file, load, progress -> {}, cancellation);
        try {
            int tokens = Math.min(context.contextTokens(), model.trainedContextTokens());
            return new Conversation(model, ChatSession.open(model, context.withContextTokens(tokens)));
        } catch (Throwable failure) {
            model.close();
            throw failure;
        }
    }

    /**
     * Answers with the most likely words, until the model has done.
     *
     * @param question what the user says
     * @return the answer
     */
    public String ask(String question) {
        return ask(question, piece -> {});
    }

    /**
     * Same, and hands out the answer while it grows.
     *
     * @param question what the user says
     * @param listener hears every piece of the answer, on the calling thread; what it throws ends the answer
     * @return the answer
     */
    public String ask(String question, Consumer<String> listener) {
        return ask(question, GenerationOptions.builder().build(), listener).text();
    }

    /**
     * Same, as the options have it.
     *
     * @param question what the user says
     * @param how      how words are chosen, how many at most, and what ends the answer
     * @param listener hears every piece of the answer, on the calling thread
     * @return the answer
     * @throws io.github.expogguf.InferenceException if the conversation is longer than the context
     * @throws io.github.expogguf.CancelledException if the options' cancellation ended it; it is as if not asked then
     */
    public Generation ask(String question, GenerationOptions how, Consumer<String> listener) {
        Objects.requireNonNull(question, "question");
        Objects.requireNonNull(how, "how");
        Objects.requireNonNull(listener, "listener");
        return session.answer(ChatMessage.user(question), how, listener);
    }

    /** {@return what was said so far, questions and answers} */
    public List<ChatMessage> messages() {
        return session.messages();
    }

    /** {@return the model that answers; closed with the conversation} */
    public LlamaModel model() {
        return model;
    }

    /** Frees the model, after the call that may be under way. */
    @Override
    public void close() {
        session.close();
        model.close();
    }
}
