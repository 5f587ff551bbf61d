package io.github.expogguf.infer;

import io.github.expogguf.work.WorkOptions;
import java.io.IOException;

/**
 * Several models as one in llama.cpp, at an alpha that can be changed: a pair that is extrapolated in its weights, as
 * {@code LiveModel}, or in its logits, as {@link LogitPair}, or a model that a pair steers, as {@link LogitGuide}.
 */
public interface ExtrapolatedModel extends AutoCloseable {

    /** {@return the model, the same for life; its contexts stay valid when alpha changes} */
    LlamaModel model();

    /** {@return the alpha of the model, or the one it had before a change that failed} */
    float alpha();

    /** {@return whether the model can answer; it cannot after a change that failed or was cancelled} */
    boolean isComplete();

    /**
     * Changes alpha.
     *
     * @param value finite; 0 for the aligned model, or the one that is steered
     * @param work  threads, listener and cancellation, where the change takes any
     * @throws IllegalStateException                 if the model is in use and cannot be changed then, or is closed
     * @throws io.github.expogguf.CancelledException if it was cancelled
     * @throws IOException                           if a file cannot be read
     */
    void setAlpha(float value, WorkOptions work) throws IOException;

    @Override
    void close();
}
