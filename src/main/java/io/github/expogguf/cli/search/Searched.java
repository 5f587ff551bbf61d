package io.github.expogguf.cli.search;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The pair of a search, of which the weights or the logits are extrapolated. */
sealed interface Searched extends AutoCloseable permits SearchedLogits, SearchedWeights {

    /** Name of the aligned model. */
    String name();

    /** Of the models that are asked. */
    Metadata metadata();

    /** Of the aligned model from the SFT model, where the weights tell. */
    OptionalDouble distance();

    /** Where bracketing might start, if anything is known of it. */
    Optional<Float> suggestedAlpha();

    /** The models, and what is done with them, by name. */
    Map<String, String> inputs() throws IOException;

    /** Loads the model, at alpha 0, and what measures it. */
    Opened open(Measurements measurements, ComputeOptions how) throws IOException;

    @Override
    void close() throws IOException;

    /** A model, and what measures it at any alpha. */
    record Opened(ExtrapolatedModel model, LiveEvaluator evaluator) implements AutoCloseable {

        @Override
        public void close() {
            try (model) {
                evaluator.close();
            }
        }
    }
}
