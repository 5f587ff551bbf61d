package io.github.expogguf.score;

import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * How surprised a model is by a text: {@code exp} of the mean of {@code -log p(token)} over the scored tokens, with the
 * standard error that llama-perplexity prints.
 *
 * @param value  the perplexity; 1 is no surprise at all
 * @param error  its standard error, from the spread of the tokens; 0 for a single token
 * @param tokens scored tokens
 */
public record Perplexity(double value, double error, int tokens) {

    /**
     * Measures.
     *
     * @param model    a loaded model; it has to stay open meanwhile
     * @param passages as {@link Passages#ofText} cuts them
     * @param how      contexts, threads, what hears of progress, and what stops the work
     * @return the perplexity
     * @throws io.github.expogguf.InferenceException if a passage is longer than the context, or llama.cpp fails
     */
    public static Perplexity of(LlamaModel model, List<Passage> passages, ComputeOptions how) {
        Objects.requireNonNull(model, "model");
        Elements.require(passages, "passages");
        Objects.requireNonNull(how, "how");
        double[][] logProbabilities = Passages.logProbabilities(model, passages, Progress.Stage.PERPLEXITY, how);
        double[] surprises = Arrays.stream(logProbabilities)
                .flatMapToDouble(DoubleStream::of)
                .map(value -> -value)
                .toArray();
        double mean = DoubleStream.of(surprises)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("no text to measure"));
        double squares =
                DoubleStream.of(surprises).map(x -> (x - mean) * (x - mean)).sum();
        int count = surprises.length;
        double meanError = count < 2 ? 0 : Math.sqrt(squares / count / (count - 1));
        return new Perplexity(Math.exp(mean), meanError * Math.exp(mean), count);
    }
}
