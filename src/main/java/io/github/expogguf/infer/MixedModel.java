package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model with the logits of several.
 *
 * @param mix   how they are combined
 * @param model what answers with them
 * @param owned what is closed with it
 */
record MixedModel(LogitMix mix, LlamaModel model, List<LlamaModel> owned) implements AutoCloseable {

    /** Makes one of models that it takes over, also when this fails. */
    interface Making {
        MixedModel of(List<LlamaModel> models);
    }

    /** Loads models, one after the other, and makes one of them. */
    static MixedModel load(
            List<Path> files, LoadOptions options, Progress.Listener listener, Cancellation cancellation, Making making)
            throws IOException {
        List<LlamaModel> models = new ArrayList<>();
        try {
            for (Path file : files) {
                models.add(LlamaModel.load(file, options, listener, cancellation));
            }
            return making.of(models);
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

    @Override
    public void close() {
        model.close();
        owned.forEach(LlamaModel::close);
    }
}
