package io.github.expogguf.infer;

import io.github.expogguf.work.Cancellation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How answers are generated.
 *
 * @param maxTokens    most tokens of an answer, at least 1; the context's size limits it too
 * @param sampling     how a token is chosen
 * @param stopStrings  texts that end an answer, which then ends before the first of them; none empty. Copied
 * @param cancellation ends an answer from any thread, also while its prompt is read, with a {@link
 *                     io.github.expogguf.CancelledException}
 */
public record GenerationOptions(
        int maxTokens, SamplingOptions sampling, List<String> stopStrings, Optional<Cancellation> cancellation) {

    /** Checks the number and the texts. */
    public GenerationOptions {
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(cancellation, "cancellation");
        stopStrings = List.copyOf(stopStrings);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ", expected at least 1");
        }
        if (stopStrings.contains("")) {
            throw new IllegalArgumentException("a stop string is empty, expected at least one character");
        }
    }

    /** Without stop strings and a cancellation. */
    public GenerationOptions(int maxTokens, SamplingOptions sampling) {
        this(maxTokens, sampling, List.of(), Optional.empty());
    }

    /** The most likely token each time, at most this many. */
    public static GenerationOptions greedy(int maxTokens) {
        return new GenerationOptions(maxTokens, SamplingOptions.greedy());
    }

    /** Same, sampled like this. */
    public GenerationOptions withSampling(SamplingOptions value) {
        return new GenerationOptions(maxTokens, value, stopStrings, cancellation);
    }

    /** Same, ending before the first of these texts. */
    public GenerationOptions withStopStrings(List<String> value) {
        return new GenerationOptions(maxTokens, sampling, value, cancellation);
    }

    /** Same, ended by this. */
    public GenerationOptions withCancellation(Cancellation value) {
        return new GenerationOptions(maxTokens, sampling, stopStrings, Optional.of(value));
    }

    boolean isCancelled() {
        return cancellation.isPresent() && cancellation.get().isCancelled();
    }

    /** Throws {@link io.github.expogguf.CancelledException} if the answer is to end. */
    void checkCancelled() {
        cancellation.ifPresent(Cancellation::check);
    }
}
