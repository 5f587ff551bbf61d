package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A model that answers with its own logits and, weighed with alpha, the difference of others': {@link LogitPair} and
 * {@link LogitGuide}. All models are in memory, of any type, and no weight is computed.
 *
 * <p>Safe for any thread.
 */
public abstract sealed class LogitModel implements ExtrapolatedModel permits LogitGuide, LogitPair {

    private final LogitMix mix;
    private final LlamaModel model;
    private final List<LlamaModel> owned;

    /**
     * Combines models.
     *
     * @param mix       how the logits of the others go into those of the one that answers
     * @param answering whose tokens, chat template and metadata are used
     * @param others    in the order of the mix
     * @param owned     what is closed with it
     */
    LogitModel(LogitMix mix, LlamaModel answering, List<LlamaModel> others, List<LlamaModel> owned) {
        this.mix = mix;
        this.model = answering.mixed(mix, others);
        this.owned = owned;
    }

    /** Loads models, one after the other, and makes one of them, which takes them over. */
    static <M extends LogitModel> M load(
            List<Path> files,
            LoadOptions options,
            Progress.Listener listener,
            Cancellation cancellation,
            Function<List<LlamaModel>, M> making)
            throws IOException {
        List<LlamaModel> models = new ArrayList<>();
        try {
            for (Path file : files) {
                models.add(LlamaModel.load(file, options, listener, cancellation));
            }
            return making.apply(models);
        } catch (Throwable failure) {
            models.forEach(LlamaModel::close);
            throw failure;
        }
    }

    /**
     * Refuses models that cannot go into another.
     *
     * @throws IllegalArgumentException if one of them is a mix itself
     * @throws IllegalStateException    if one of them is a vocabulary alone
     */
    static void requireAlone(LlamaModel... models) {
        for (LlamaModel model : models) {
            model.requireWeights();
            if (model.mixed() != null) {
                throw new IllegalArgumentException(
                        model.name() + " has the logits of a pair already, expected a model by itself");
            }
        }
    }

    /**
     * {@return what answers with the combined logits, the same for life: wherever a model is asked for, in a {@link
     * LlamaContext}, a {@link ChatSession} or a {@link ChatServer}} Its name, tokens, chat template and metadata are
     * those of the aligned model, or of the one that is steered. Contexts have the keys and values of all models.
     */
    @Override
    public LlamaModel model() {
        return model.requireOpen();
    }

    /** {@return the weight of the difference} */
    @Override
    public float alpha() {
        return mix.setting().alpha();
    }

    /**
     * Changes the weight of the difference, at once and at no cost; calls that are under way end with what they began
     * with.
     *
     * @param alpha finite; 0 for the model that answers, by itself
     * @throws IllegalStateException if it is closed
     */
    public void setAlpha(float alpha) {
        model.requireOpen();
        mix.setAlpha(alpha);
    }

    /**
     * Same; it takes no work, and fails for no other reason.
     *
     * @param value finite; 0 for the model that answers, by itself
     * @param work  of which nothing is needed
     */
    @Override
    public void setAlpha(float value, WorkOptions work) {
        Objects.requireNonNull(work, "work");
        setAlpha(value);
    }

    /** {@return true: a change takes no time} */
    @Override
    public boolean isComplete() {
        return true;
    }

    /** {@return tokens of the model that answers that one of the others does not have} */
    public int unmatchedTokens() {
        return unmatched().size();
    }

    /** {@return the same by their numbers, ascending, as {@link LlamaModel#tokenText} takes them} */
    public List<Integer> unmatched() {
        return mix.unmatchedTokens();
    }

    /** Closes the model, and what was loaded for it; memory is freed when all contexts are closed, too. */
    @Override
    public void close() {
        model.close();
        owned.forEach(LlamaModel::close);
    }
}
