package io.github.expogguf.cli.eval;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Guards;
import io.github.expogguf.search.AnswerScores;
import io.github.expogguf.search.Estimate;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * One measurement.
 *
 * @param name         as in {@code margin}
 * @param value        the number
 * @param error        its standard error; infinite where a single text was measured
 * @param betweenSeeds standard deviation of the number from one seed to the next, where answers were drawn with several
 * @param count        what was measured, as in {@code 300 pairs}
 * @param unit         as in {@code nats}, or empty
 */
record EvalRow(String name, double value, double error, OptionalDouble betweenSeeds, String count, String unit) {

    /** The mean of one number for each text, which would be the same with another seed. */
    static EvalRow mean(String name, List<Double> values, String noun, String unit) {
        return mean(name, new AnswerScores(values, 1), noun, unit);
    }

    /** The mean of one number for each answer. */
    static EvalRow mean(String name, AnswerScores scores, String noun, String unit) {
        Estimate estimate = scores.estimate();
        return new EvalRow(
                name,
                estimate.mean(),
                estimate.error(),
                scores.betweenSeeds(),
                Units.count(scores.scores().size(), noun),
                unit);
    }

    /** The ratio of mean lengths, with the usual error of a ratio of means of the same prompts. */
    static EvalRow length(List<Answer> answers, List<Answer> ofAligned, int answersPerPrompt) {
        double ratio = Guards.lengthRatio(answers, ofAligned);
        double meanAligned =
                ofAligned.stream().mapToInt(Answer::tokens).average().orElse(0);
        AnswerScores rests = new AnswerScores(
                IntStream.range(0, answers.size())
                        .mapToObj(i -> answers.get(i).tokens()
                                - ratio * ofAligned.get(i).tokens())
                        .toList(),
                answersPerPrompt);
        List<Double> byPrompt = rests.byPrompt();
        double squares = byPrompt.stream().mapToDouble(rest -> rest * rest).sum();
        int count = byPrompt.size();
        double error = count < 2 ? Double.POSITIVE_INFINITY : Math.sqrt(squares / (count - 1) / count) / meanAligned;
        List<Double> ratios = IntStream.range(0, answersPerPrompt)
                .mapToObj(seed -> Guards.lengthRatio(
                        ofSeed(answers, seed, answersPerPrompt), ofSeed(ofAligned, seed, answersPerPrompt)))
                .toList();
        return new EvalRow(
                "length",
                ratio,
                error,
                new AnswerScores(ratios, answersPerPrompt).betweenSeeds(),
                Units.count(answers.size(), "answer"),
                "of the aligned model's");
    }

    private static List<Answer> ofSeed(List<Answer> answers, int seed, int answersPerPrompt) {
        return IntStream.iterate(seed, i -> i < answers.size(), i -> i + answersPerPrompt)
                .mapToObj(answers::get)
                .toList();
    }
}
