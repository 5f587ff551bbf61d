package io.github.expogguf.cli.eval;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.score.Answer;
import io.github.expogguf.search.Estimate;
import java.util.List;

/**
 * One measurement.
 *
 * @param name  as in {@code margin}
 * @param value the number
 * @param error its standard error; infinite where a single text was measured
 * @param count what was measured, as in {@code 300 pairs}
 * @param unit  as in {@code nats}, or empty
 */
record EvalRow(String name, double value, double error, String count, String unit) {

    /** The mean of one number for each text. */
    static EvalRow mean(String name, List<Double> values, String noun, String unit) {
        Estimate estimate = Estimate.of(values);
        return new EvalRow(name, estimate.mean(), estimate.error(), Units.count(values.size(), noun), unit);
    }

    /** The ratio of mean lengths, with the usual error of a ratio of means of the same prompts. */
    static EvalRow length(double ratio, List<Answer> answers, List<Answer> ofAligned) {
        double meanAligned =
                ofAligned.stream().mapToInt(Answer::tokens).average().orElse(0);
        double squares = 0;
        for (int i = 0; i < answers.size(); i++) {
            double rest = answers.get(i).tokens() - ratio * ofAligned.get(i).tokens();
            squares += rest * rest;
        }
        int count = answers.size();
        double error = count < 2 ? Double.POSITIVE_INFINITY : Math.sqrt(squares / (count - 1) / count) / meanAligned;
        return new EvalRow("length", ratio, error, Units.count(count, "answer"), "of the aligned model's");
    }
}
