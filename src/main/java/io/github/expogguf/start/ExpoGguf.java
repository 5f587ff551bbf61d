package io.github.expogguf.start;

import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where to begin: two models become a file, and a file answers. Nothing here is out of reach of the other packages;
 * {@link io.github.expogguf.run.Extrapolator} and {@link io.github.expogguf.infer.LlamaModel} are where to go on.
 */
public final class ExpoGguf {

    private ExpoGguf() {}

    /**
     * Names two models to extrapolate from, files or folders; nothing is read before {@link ExpoPair#write}.
     *
     * @param sft     the model that was aligned
     * @param aligned what became of it
     * @return the pair, of which nothing is read yet
     */
    public static ExpoPair extrapolate(Path sft, Path aligned) {
        return ExpoPair.of(sft, aligned);
    }

    /**
     * Loads a model for a conversation: on a GPU if there is one, with a context of at most
     * {@value Conversation#CONTEXT_TOKENS} tokens. {@link Conversation#open} leaves more to the caller.
     *
     * @param model a file, or the first of a set of shards
     * @return the conversation, at its beginning, to be closed by the caller
     * @throws io.github.expogguf.ExpoException if it cannot be loaded
     * @throws IOException                      if a file cannot be read
     */
    public static Conversation chat(Path model) throws IOException {
        return chat(model, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param model        a file, or the first of a set of shards
     * @param cancellation ends the loading from any thread, with nothing left behind
     * @return the conversation, at its beginning, to be closed by the caller
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     * @throws IOException                           if a file cannot be read
     */
    public static Conversation chat(Path model, Cancellation cancellation) throws IOException {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(cancellation, "cancellation");
        return Conversation.open(model, cancellation);
    }
}
