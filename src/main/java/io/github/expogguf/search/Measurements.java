package io.github.expogguf.search;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is measured at every alpha. With a scorer the score is that of the answers, without one it is the margin of the
 * preferences; the rest is measured beside it, as guards.
 *
 * @param prompts          what the model is asked; may be empty if there is no scorer
 * @param answersPerPrompt answers to each prompt, at least 1, sampled with different seeds; their mean score counts
 * @param generation       how answers are generated
 * @param scorer           scores the answers; empty to score by preferences
 * @param preferences      pairs of answers; may be empty if there is a scorer
 * @param margin           which margin of them
 * @param text             to measure perplexity and the divergence from the aligned model on; without it the divergence
 *                         is measured on the aligned model's answers or, if there are none, on the chosen ones of the
 *                         preferences
 */
public record Measurements(
        List<Prompt> prompts,
        int answersPerPrompt,
        GenerationOptions generation,
        Optional<AnswerScorer> scorer,
        List<Preference> preferences,
        Margin margin,
        Optional<Text> text) {

    /** By how much a model finds the better answer of a pair more likely. */
    public enum Margin {
        /** Difference of the log-probabilities divided by the tokens of each answer, in nats per token. */
        PER_TOKEN("margin-per-token"),
        /**
         * Difference of the log-probabilities, in nats. Less the same number of the SFT model, whatever the alpha, it
         * is the implicit reward of DPO, so that both choose the same alpha.
         */
        PLAIN("margin");

        private final String guard;

        Margin(String guard) {
            this.guard = guard;
        }

        /** Name of its mean where it is measured beside another score. */
        public String guard() {
            return guard;
        }
    }

    /**
     * A text.
     *
     * @param name        where it comes from, for messages
     * @param content     the text
     * @param chunkTokens tokens of a chunk; 0 for 512, or what the model was trained with if that is less
     */
    public record Text(String name, String content, int chunkTokens) {}

    /** Copies the lists, and checks that there is something to score by. */
    public Measurements {
        prompts = List.copyOf(prompts);
        preferences = List.copyOf(preferences);
        if (answersPerPrompt < 1) {
            throw new IllegalArgumentException("answersPerPrompt is " + answersPerPrompt + ", expected at least 1");
        }
        if (scorer.isPresent() ? prompts.isEmpty() : preferences.isEmpty()) {
            throw new IllegalArgumentException(
                    scorer.isPresent() ? "a scorer without prompts" : "neither a scorer nor preferences");
        }
    }

    /** Answers to prompts, one each. */
    public static Measurements ofAnswers(List<Prompt> prompts, GenerationOptions generation, AnswerScorer scorer) {
        return new Measurements(
                prompts, 1, generation, Optional.of(scorer), List.of(), Margin.PER_TOKEN, Optional.empty());
    }

    /** The margin of preferences; the model answers nothing. */
    public static Measurements ofPreferences(List<Preference> preferences, Margin margin) {
        return new Measurements(
                List.of(), 1, GenerationOptions.greedy(1), Optional.empty(), preferences, margin, Optional.empty());
    }

    /** The prompts in the order in which they are asked: each as often as it is answered. */
    public List<Prompt> asked() {
        return prompts.stream()
                .flatMap(prompt -> Collections.nCopies(answersPerPrompt, prompt).stream())
                .toList();
    }

    /** All that will be said to models: the prompts, and those of the preferences. */
    public List<List<ChatMessage>> conversations() {
        return Stream.concat(
                        prompts.stream().map(Prompt::messages),
                        preferences.stream().map(Preference::messages))
                .toList();
    }

    /** Names of the guards that {@link LiveEvaluator} measures, in their order. */
    public List<String> guards() {
        List<String> names = new ArrayList<>();
        text.ifPresent(_ -> names.add("perplexity"));
        names.addAll(List.of("kl", "top1"));
        if (!prompts.isEmpty()) {
            names.addAll(List.of("length", "repetition", "cut-off"));
        }
        if (!preferences.isEmpty()) {
            scorer.ifPresent(_ -> names.add(margin.guard()));
            names.add("accuracy");
        }
        return names;
    }
}
