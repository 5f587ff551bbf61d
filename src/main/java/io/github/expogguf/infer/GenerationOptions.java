package io.github.expogguf.infer;

import java.util.Objects;

/**
 * How answers are generated.
 *
 * @param maxTokens most tokens of an answer, at least 1; the context's size limits it too
 * @param sampling  how a token is chosen
 */
public record GenerationOptions(int maxTokens, SamplingOptions sampling) {

    /** Checks the number. */
    public GenerationOptions {
        Objects.requireNonNull(sampling, "sampling");
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ", expected at least 1");
        }
    }

    /** The most likely token each time, at most this many. */
    public static GenerationOptions greedy(int maxTokens) {
        return new GenerationOptions(maxTokens, SamplingOptions.greedy());
    }
}
