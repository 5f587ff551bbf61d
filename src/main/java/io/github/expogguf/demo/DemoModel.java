package io.github.expogguf.demo;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.text.Numbers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * One model and its answers.
 *
 * @param fileType type of the file
 * @param alpha    weight of the delta; empty for the SFT model itself
 * @param answers  one per question, in their order
 */
public record DemoModel(FileType fileType, OptionalDouble alpha, List<Answer> answers) {

    /** Copies the list. */
    public DemoModel {
        answers = List.copyOf(answers);
        if (answers.isEmpty()) {
            throw new IllegalArgumentException("a model without answers");
        }
    }

    /**
     * An answer and what it is worth.
     *
     * @param text       without blanks around it
     * @param attributes what it has
     */
    public record Answer(String text, GuideReward.Attributes attributes) {

        /** What it is worth. */
        public double reward() {
            return attributes.reward();
        }
    }

    /** As in {@code sft} or {@code alpha 1.5}. */
    public String name() {
        return alpha.isEmpty() ? "sft" : "alpha " + Numbers.brief((float) alpha.getAsDouble());
    }

    /** Mean reward of the answers. */
    public double meanReward() {
        return mean(Answer::reward);
    }

    /** Standard error of the mean reward, over the questions. */
    public double standardError() {
        return standardError(answers.stream().mapToDouble(Answer::reward).toArray());
    }

    /** Mean of a property of the answers. */
    public double mean(ToDoubleFunction<Answer> property) {
        return answers.stream().mapToDouble(property).average().orElseThrow();
    }

    /** Mean of every attribute, by its name. */
    public Map<String, Double> meanAttributes() {
        Map<String, Double> means = new LinkedHashMap<>();
        for (String name : answers.getFirst().attributes().asMap().keySet()) {
            means.put(name, mean(answer -> answer.attributes().asMap().get(name)));
        }
        return means;
    }

    /** How much more reward than another model, question by question. */
    Difference minus(DemoModel other) {
        double[] differences = new double[answers.size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = answers.get(i).reward() - other.answers.get(i).reward();
        }
        double mean = Arrays.stream(differences).average().orElseThrow();
        return new Difference(mean, standardError(differences));
    }

    /** A mean difference; it is beyond chance from two standard errors on. */
    record Difference(double mean, double standardError) {

        boolean isRise() {
            return mean > 2 * standardError;
        }

        boolean isFall() {
            return mean < -2 * standardError;
        }
    }

    private static double standardError(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length);
    }
}
