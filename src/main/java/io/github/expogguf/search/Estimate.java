package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import java.util.List;

/**
 * A mean over prompts.
 *
 * @param mean  the mean
 * @param error its standard error, from the spread between prompts; infinite for a single prompt, which has no spread
 */
public record Estimate(double mean, double error) {

    /**
     * Of one number per prompt.
     *
     * @param values one for each prompt, at least one
     * @return mean and standard error
     */
    public static Estimate of(List<Double> values) {
        Elements.require(values, "values");
        double mean = values.stream()
                .mapToDouble(value -> value)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("no numbers to estimate from"));
        if (values.size() == 1) {
            return new Estimate(mean, Double.POSITIVE_INFINITY);
        }
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return new Estimate(mean, Math.sqrt(squares / (values.size() - 1) / values.size()));
    }

    /**
     * Of the differences prompt by prompt, which are known better than the difference of two means: what makes a prompt
     * easy or hard at both alphas cancels.
     *
     * @param values     one for each prompt
     * @param subtracted one for each of the same prompts
     * @return mean and standard error of the differences
     */
    public static Estimate ofDifferences(List<Double> values, List<Double> subtracted) {
        Elements.require(values, "values");
        Elements.require(subtracted, "subtracted");
        if (values.size() != subtracted.size()) {
            throw new IllegalArgumentException(
                    values.size() + " scores and " + subtracted.size() + ", expected those of the same prompts");
        }
        Double[] differences = new Double[values.size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = values.get(i) - subtracted.get(i);
        }
        return of(List.of(differences));
    }

    /**
     * {@return whether the mean is positive by more than this many standard errors}
     *
     * @param errors number of standard errors, 0 or more
     */
    public boolean isAbove(double errors) {
        return mean > errors * error;
    }
}
