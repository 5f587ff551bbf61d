package io.github.expogguf.search;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is measured at every alpha. With a scorer the score is that of the answers, without one it is the margin of the
 * preferences; with prompts alone it is the likeness of the answers to those of the aligned model, which says how much
 * changes, not whether it is for the better ({@link AlphaSearch#runUnjudged}). The rest is measured beside it, as
 * guards.
 */
public final class Measurements {

    /** Name of the guard that says how far a model lies from the SFT model, as a share of its norm. */
    public static final String DISTANCE = "distance";

    /**
     * Name of the guard that says how far chance moves the mean score: the standard deviation between the means of the
     * first answers to all prompts, of the second ones, and so on; where several answers to a prompt are scored.
     */
    static final String BETWEEN_SEEDS = "between-seeds";

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

        /** {@return the name of its mean where it is measured beside another score} */
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
    public record Text(String name, String content, int chunkTokens) {
        /** Refuses null. */
        public Text {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(content, "content");
        }
    }

    private final Values values;

    private record Values(
            List<Prompt> prompts,
            int answersPerPrompt,
            GenerationOptions generation,
            Optional<AnswerScorer> scorer,
            List<Preference> preferences,
            Margin margin,
            Optional<Text> text) {
        private Values {
            if (answersPerPrompt < 1) {
                throw new IllegalArgumentException("answersPerPrompt is " + answersPerPrompt + ", expected at least 1");
            }
            if (scorer.isPresent() && prompts.isEmpty()) {
                throw new IllegalArgumentException("a scorer without prompts");
            }
            if (prompts.isEmpty() && preferences.isEmpty()) {
                throw new IllegalArgumentException("neither prompts nor preferences");
            }
        }
    }

    private Measurements(Values values) {
        this.values = values;
    }

    /**
     * Nothing is measured yet: prompts are needed, or preferences.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Answers to prompts, one each.
     *
     * @param prompts    at least one prompt
     * @param generation how the answers are sampled
     * @param scorer     what scores them
     * @return measurements with one answer to each prompt
     */
    public static Measurements ofAnswers(List<Prompt> prompts, GenerationOptions generation, AnswerScorer scorer) {
        return builder().prompts(prompts).generation(generation).scorer(scorer).build();
    }

    /**
     * Answers to prompts that nothing scores, one each.
     *
     * @param prompts    what the models are asked
     * @param generation how they answer
     * @return measurements of how the answers change
     */
    public static Measurements ofPrompts(List<Prompt> prompts, GenerationOptions generation) {
        return builder().prompts(prompts).generation(generation).build();
    }

    /**
     * Whether nothing says which answers are better.
     *
     * @return true without a scorer and without preferences
     */
    public boolean isUnjudged() {
        return scorer().isEmpty() && preferences().isEmpty();
    }

    /**
     * The margin of preferences; the model answers nothing.
     *
     * @param preferences prompts with a better and a worse answer each
     * @param margin      what counts as the score of a pair
     * @return measurements of the margin of preferences; the model answers nothing
     */
    public static Measurements ofPreferences(List<Preference> preferences, Margin margin) {
        return builder().preferences(preferences).margin(margin).build();
    }

    /** {@return a builder that begins with these} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.prompts = values.prompts;
        builder.answersPerPrompt = values.answersPerPrompt;
        builder.generation = values.generation;
        builder.scorer = values.scorer;
        builder.preferences = values.preferences;
        builder.margin = values.margin;
        builder.text = values.text;
        return builder;
    }

    /** {@return what the model is asked; may be empty if there is no scorer} */
    public List<Prompt> prompts() {
        return values.prompts;
    }

    /**
     * Answers to each prompt, at least 1, sampled with different seeds; their mean score counts.
     *
     * @return number of answers to each prompt, at least 1, sampled with different seeds; their mean score counts
     */
    public int answersPerPrompt() {
        return values.answersPerPrompt;
    }

    /** {@return how answers are generated} */
    public GenerationOptions generation() {
        return values.generation;
    }

    /**
     * Scores the answers; empty to score by preferences.
     *
     * @return what scores the answers; empty to score by preferences
     */
    public Optional<AnswerScorer> scorer() {
        return values.scorer;
    }

    /** {@return pairs of answers; may be empty if there is a scorer} */
    public List<Preference> preferences() {
        return values.preferences;
    }

    /** {@return which margin of them} */
    public Margin margin() {
        return values.margin;
    }

    /**
     * To measure perplexity and the divergence from the aligned model on; without it the divergence is measured on the
     * aligned model's answers or, if there are none, on the chosen ones of the preferences.
     *
     * @return what to measure perplexity and divergence on, if anything
     */
    public Optional<Text> text() {
        return values.text;
    }

    /** {@return the prompts in the order in which they are asked: each as often as it is answered} */
    public List<Prompt> asked() {
        return prompts().stream()
                .flatMap(prompt -> Collections.nCopies(answersPerPrompt(), prompt).stream())
                .toList();
    }

    /** {@return all that will be said to models: the prompts, and those of the preferences} */
    public List<List<ChatMessage>> conversations() {
        return Stream.concat(
                        prompts().stream().map(Prompt::messages),
                        preferences().stream().map(Preference::messages))
                .toList();
    }

    /** {@return names of the guards that {@link LiveEvaluator} measures, in their order} */
    public List<String> guards() {
        List<String> names = new ArrayList<>();
        text().ifPresent(_ -> names.add("perplexity"));
        names.addAll(List.of("kl", "top1"));
        if (!prompts().isEmpty()) {
            names.addAll(List.of("length", "repetition", "cut-off"));
        }
        if (!preferences().isEmpty()) {
            scorer().ifPresent(_ -> names.add(margin().guard()));
            names.add("accuracy");
        }
        if (scorer().isPresent() && answersPerPrompt() > 1) {
            names.add(BETWEEN_SEEDS);
        }
        return names;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Measurements that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "Measurements");
    }

    /** Collects what is measured; not thread-safe. */
    public static final class Builder {
        private List<Prompt> prompts = List.of();
        private int answersPerPrompt = 1;
        private GenerationOptions generation = GenerationOptions.builder().build();
        private Optional<AnswerScorer> scorer = Optional.empty();
        private List<Preference> preferences = List.of();
        private Margin margin = Margin.PER_TOKEN;
        private Optional<Text> text = Optional.empty();

        private Builder() {}

        /**
         * What the model is asked; needed for a scorer.
         *
         * @param prompts as {@link Measurements#prompts} has it
         * @return this builder
         */
        public Builder prompts(List<Prompt> prompts) {
            this.prompts = Elements.copy(prompts, "prompts");
            return this;
        }

        /**
         * Answers to each prompt, sampled with different seeds; 1 without a word.
         *
         * @param answersPerPrompt as {@link Measurements#answersPerPrompt} has it
         * @return this builder
         */
        public Builder answersPerPrompt(int answersPerPrompt) {
            this.answersPerPrompt = answersPerPrompt;
            return this;
        }

        /**
         * How answers are generated; the most likely ones without a word, until the model ends them.
         *
         * @param generation as {@link Measurements#generation} has it
         * @return this builder
         */
        public Builder generation(GenerationOptions generation) {
            this.generation = Objects.requireNonNull(generation, "generation");
            return this;
        }

        /**
         * Scores the answers; without one preferences are what is scored by.
         *
         * @param scorer as {@link Measurements#scorer} has it
         * @return this builder
         */
        public Builder scorer(AnswerScorer scorer) {
            this.scorer = Optional.of(Objects.requireNonNull(scorer, "scorer"));
            return this;
        }

        /**
         * Pairs of answers; needed without a scorer.
         *
         * @param preferences as {@link Measurements#preferences} has it
         * @return this builder
         */
        public Builder preferences(List<Preference> preferences) {
            this.preferences = Elements.copy(preferences, "preferences");
            return this;
        }

        /**
         * Which margin of the preferences; that per token without a word.
         *
         * @param margin as {@link Measurements#margin} has it
         * @return this builder
         */
        public Builder margin(Margin margin) {
            this.margin = Objects.requireNonNull(margin, "margin");
            return this;
        }

        /**
         * To measure perplexity and the divergence from the aligned model on.
         *
         * @param text as {@link Measurements#text} has it
         * @return this builder
         */
        public Builder text(Text text) {
            this.text = Optional.of(Objects.requireNonNull(text, "text"));
            return this;
        }

        /**
         * {@return what is measured}
         *
         * @throws IllegalArgumentException if there is nothing to score by
         */
        public Measurements build() {
            return new Measurements(
                    new Values(prompts, answersPerPrompt, generation, scorer, preferences, margin, text));
        }
    }
}
