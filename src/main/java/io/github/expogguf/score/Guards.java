package io.github.expogguf.score;

import io.github.expogguf.text.Elements;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What should not go astray while a score rises; whichever were measured.
 *
 * @param perplexity  of a text, {@link Perplexity}
 * @param kl          Kullback-Leibler divergence from the aligned model, nats per token, {@link Agreement}
 * @param top1        share of positions where the most likely token is the aligned model's
 * @param lengthRatio mean tokens of the answers by those of the aligned model's answers
 * @param repetition  mean share of repeated 4-grams of words, see {@link #repetition(String)}
 * @param cutOff      share of the answers that the limit of tokens ended
 */
public record Guards(
        OptionalDouble perplexity,
        OptionalDouble kl,
        OptionalDouble top1,
        OptionalDouble lengthRatio,
        OptionalDouble repetition,
        OptionalDouble cutOff) {

    private static final int GRAM_WORDS = 4;

    /** Refuses null. */
    public Guards {
        Objects.requireNonNull(perplexity, "perplexity");
        Objects.requireNonNull(kl, "kl");
        Objects.requireNonNull(top1, "top1");
        Objects.requireNonNull(lengthRatio, "lengthRatio");
        Objects.requireNonNull(repetition, "repetition");
        Objects.requireNonNull(cutOff, "cutOff");
    }

    /** {@return guards without a value} */
    public static Guards none() {
        OptionalDouble empty = OptionalDouble.empty();
        return new Guards(empty, empty, empty, empty, empty, empty);
    }

    /**
     * Repetition and cut-off of answers; nothing where there are none.
     *
     * @param answers answers with their prompts
     * @return guards of repetition and cut-off
     */
    public static Guards ofAnswers(List<Answer> answers) {
        Elements.require(answers, "answers");
        return answers.isEmpty() ? none() : none().withAnswers(repetition(answers), cutOff(answers));
    }

    private Guards withAnswers(double repetitionValue, double cutOffValue) {
        return new Guards(
                perplexity, kl, top1, lengthRatio, OptionalDouble.of(repetitionValue), OptionalDouble.of(cutOffValue));
    }

    /**
     * Same, with a perplexity.
     *
     * @param measured what was measured on the same model
     * @return guards with this one, too
     */
    public Guards with(Perplexity measured) {
        Objects.requireNonNull(measured, "measured");
        return new Guards(OptionalDouble.of(measured.value()), kl, top1, lengthRatio, repetition, cutOff);
    }

    /**
     * Same, with divergence and agreement.
     *
     * @param measured what was measured on the same model
     * @return guards with this one, too
     */
    public Guards with(Agreement measured) {
        Objects.requireNonNull(measured, "measured");
        OptionalDouble divergence = OptionalDouble.of(measured.meanKl());
        return new Guards(
                perplexity, divergence, OptionalDouble.of(measured.meanTop1()), lengthRatio, repetition, cutOff);
    }

    /**
     * {@return the same, with a ratio of lengths}
     *
     * @param ratio mean length of the answers by that of the aligned model's
     */
    public Guards withLengthRatio(double ratio) {
        return new Guards(perplexity, kl, top1, OptionalDouble.of(ratio), repetition, cutOff);
    }

    /** {@return what was measured by its short name: perplexity, kl, top1, length, repetition, cut-off} */
    public Map<String, Double> asMap() {
        Map<String, Double> map = new LinkedHashMap<>();
        perplexity.ifPresent(value -> map.put("perplexity", value));
        kl.ifPresent(value -> map.put("kl", value));
        top1.ifPresent(value -> map.put("top1", value));
        lengthRatio.ifPresent(value -> map.put("length", value));
        repetition.ifPresent(value -> map.put("repetition", value));
        cutOff.ifPresent(value -> map.put("cut-off", value));
        return map;
    }

    /**
     * Mean tokens of the answers by the mean of the others; infinite where only those are all empty.
     *
     * @param answers   answers with their prompts
     * @param ofAligned the aligned model's answers to the same prompts
     * @return the mean number of tokens of the answers by that of the others; infinite where only those are all empty
     */
    public static double lengthRatio(List<Answer> answers, List<Answer> ofAligned) {
        Elements.require(answers, "answers");
        Elements.require(ofAligned, "ofAligned");
        double mean = meanTokens(answers);
        double alignedMean = meanTokens(ofAligned);
        return mean == alignedMean ? 1 : mean / alignedMean;
    }

    private static double meanTokens(List<Answer> answers) {
        return answers.stream().mapToInt(Answer::tokens).average().orElse(0);
    }

    /**
     * {@return the share of the answers that the limit of tokens ended; 0 of none}
     *
     * @param answers answers with their prompts
     */
    public static double cutOff(List<Answer> answers) {
        Elements.require(answers, "answers");
        return answers.stream()
                .mapToInt(answer -> answer.isCutOff() ? 1 : 0)
                .average()
                .orElse(0);
    }

    /**
     * {@return the mean of {@link #repetition(String)} over the answers; 0 of none}
     *
     * @param answers answers with their prompts
     */
    public static double repetition(List<Answer> answers) {
        Elements.require(answers, "answers");
        return answers.stream()
                .mapToDouble(answer -> repetition(answer.text()))
                .average()
                .orElse(0);
    }

    /**
     * {@return the share of the runs of four consecutive words that occurred before in the same text; 0 for a text of
     * fewer than five words} A word is what stands between white space, in lower case; in scripts that are written
     * without spaces (such as Chinese, Japanese, Thai) every character is one.
     *
     * @param text an answer
     */
    public static double repetition(String text) {
        Objects.requireNonNull(text, "text");
        List<String> words = AnswerWords.of(text.toLowerCase(java.util.Locale.ROOT));
        int grams = words.size() - GRAM_WORDS + 1;
        if (grams < 2) {
            return 0;
        }
        Set<List<String>> distinct = new HashSet<>();
        for (int i = 0; i < grams; i++) {
            distinct.add(words.subList(i, i + GRAM_WORDS));
        }
        return 1 - (double) distinct.size() / grams;
    }
}
