package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One number for each of several answers to the same prompts, which were drawn with a seed each: what prompts tell, and
 * how much of it is chance. The prompts were asked in the order of {@link Measurements#asked}.
 *
 * @param scores           of the answers to the first prompt, then of those to the second, and so on
 * @param answersPerPrompt how often each prompt was answered, at least 1
 */
public record AnswerScores(List<Double> scores, int answersPerPrompt) {

    /** Refuses numbers that are not of the same answers to each prompt. */
    public AnswerScores {
        scores = Elements.copy(scores, "scores");
        if (answersPerPrompt < 1) {
            throw new IllegalArgumentException("answersPerPrompt is " + answersPerPrompt + ", expected at least 1");
        }
        if (scores.isEmpty() || scores.size() % answersPerPrompt != 0) {
            throw new IllegalArgumentException(scores.size() + " scores, expected " + answersPerPrompt + " per prompt");
        }
    }

    /** {@return the mean over the answers to each prompt} */
    public List<Double> byPrompt() {
        return means(IntStream.iterate(0, first -> first < scores.size(), first -> first + answersPerPrompt)
                .mapToObj(first -> scores.subList(first, first + answersPerPrompt)));
    }

    /** {@return the mean over the first answers to all prompts, that over the second ones, and so on} */
    public List<Double> bySeed() {
        return means(IntStream.range(0, answersPerPrompt).mapToObj(this::ofSeed));
    }

    private List<Double> ofSeed(int seed) {
        List<Double> values = new ArrayList<>();
        for (int i = seed; i < scores.size(); i += answersPerPrompt) {
            values.add(scores.get(i));
        }
        return values;
    }

    private static List<Double> means(Stream<List<Double>> parts) {
        return parts.map(part -> part.stream().mapToDouble(each -> each).sum() / part.size())
                .toList();
    }

    /**
     * The mean, with the error that the choice of prompts leaves.
     *
     * @return mean over the prompts, and its standard error; answers to the same prompt count as one number
     */
    public Estimate estimate() {
        return Estimate.of(byPrompt());
    }

    /**
     * How far chance moves the mean of one answer to each prompt.
     *
     * @return standard deviation between the means of {@link #bySeed}; empty where each prompt has one answer
     */
    public OptionalDouble betweenSeeds() {
        return answersPerPrompt == 1 ? OptionalDouble.empty() : OptionalDouble.of(deviation(bySeed()));
    }

    private static double deviation(List<Double> means) {
        double mean = means.stream().mapToDouble(each -> each).average().orElseThrow();
        double squares = means.stream()
                .mapToDouble(each -> (each - mean) * (each - mean))
                .sum();
        return Math.sqrt(squares / (means.size() - 1));
    }
}
