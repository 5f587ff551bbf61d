package io.github.expogguf.infer;

import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** How answers are generated. */
public final class GenerationOptions {

    private final Values values;

    private record Values(
            int maxTokens,
            SamplingOptions sampling,
            List<String> stopStrings,
            Optional<Grammar> grammar,
            Optional<Cancellation> cancellation) {
        private Values {
            if (maxTokens < 1) {
                throw new IllegalArgumentException("maxTokens is " + maxTokens + ", expected at least 1");
            }
            if (stopStrings.contains("")) {
                throw new IllegalArgumentException("a stop string is empty, expected at least one character");
            }
        }
    }

    private GenerationOptions(Values values) {
        this.values = values;
    }

    /**
     * The most likely token each time, until the model or the context ends the answer, unless set otherwise on the
     * builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return the most likely token each time, at most this many}
     *
     * @param maxTokens most tokens of an answer, at least 1
     */
    public static GenerationOptions greedy(int maxTokens) {
        return builder().maxTokens(maxTokens).build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxTokens = values.maxTokens;
        builder.sampling = values.sampling;
        builder.stopStrings = values.stopStrings;
        builder.grammar = values.grammar;
        builder.cancellation = values.cancellation;
        return builder;
    }

    /** {@return the most tokens of an answer, at least 1; the context's size limits it too} */
    public int maxTokens() {
        return values.maxTokens;
    }

    /** {@return how a token is chosen} */
    public SamplingOptions sampling() {
        return values.sampling;
    }

    /** {@return texts that end an answer, which then ends before the first of them} */
    public List<String> stopStrings() {
        return values.stopStrings;
    }

    /** {@return what an answer may look like} */
    public Optional<Grammar> grammar() {
        return values.grammar;
    }

    /**
     * Ends an answer from any thread, also while its prompt is read, with a
     * {@link io.github.expogguf.CancelledException}.
     *
     * @return what ends an answer from any thread
     */
    public Optional<Cancellation> cancellation() {
        return values.cancellation;
    }

    /**
     * Same, with at most this many tokens.
     *
     * @param maxTokens as {@link #maxTokens} has it
     * @return new options; these stay as they are
     */
    public GenerationOptions withMaxTokens(int maxTokens) {
        return toBuilder().maxTokens(maxTokens).build();
    }

    /**
     * Same, sampled like this.
     *
     * @param sampling as {@link #sampling} has it
     * @return new options; these stay as they are
     */
    public GenerationOptions withSampling(SamplingOptions sampling) {
        return toBuilder().sampling(sampling).build();
    }

    /**
     * Same, ending before the first of these texts.
     *
     * @param stopStrings as {@link #stopStrings} has it
     * @return new options; these stay as they are
     */
    public GenerationOptions withStopStrings(List<String> stopStrings) {
        return toBuilder().stopStrings(stopStrings).build();
    }

    /**
     * Same, following this.
     *
     * @param grammar as {@link #grammar} has it
     * @return new options; these stay as they are
     */
    public GenerationOptions withGrammar(Grammar grammar) {
        return toBuilder().grammar(grammar).build();
    }

    /**
     * Same, ended by this.
     *
     * @param cancellation as {@link #cancellation} has it
     * @return new options; these stay as they are
     */
    public GenerationOptions withCancellation(Cancellation cancellation) {
        return toBuilder().cancellation(cancellation).build();
    }

    boolean isCancelled() {
        return cancellation().isPresent() && cancellation().get().isCancelled();
    }

    /** Throws {@link io.github.expogguf.CancelledException} if the answer is to end. */
    void checkCancelled() {
        cancellation().ifPresent(Cancellation::check);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "GenerationOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int maxTokens = Integer.MAX_VALUE;
        private SamplingOptions sampling = SamplingOptions.greedy();
        private List<String> stopStrings = List.of();
        private Optional<Grammar> grammar = Optional.empty();
        private Optional<Cancellation> cancellation = Optional.empty();

        private Builder() {}

        /**
         * Most tokens of an answer, at least 1; without a word as many as the context has room for.
         *
         * @param maxTokens as {@link GenerationOptions#maxTokens} has it
         * @return this builder
         */
        public Builder maxTokens(int maxTokens) {
            this.maxTokens = maxTokens;
            return this;
        }

        /**
         * How a token is chosen; the most likely one without a word.
         *
         * @param sampling as {@link GenerationOptions#sampling} has it
         * @return this builder
         */
        public Builder sampling(SamplingOptions sampling) {
            this.sampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /**
         * Texts that end an answer, which then ends before the first of them; none is empty.
         *
         * @param stopStrings as {@link GenerationOptions#stopStrings} has it
         * @return this builder
         */
        public Builder stopStrings(List<String> stopStrings) {
            this.stopStrings = Elements.copy(stopStrings, "stopStrings");
            return this;
        }

        /**
         * What an answer may look like: its tokens are chosen among those that the grammar allows, and it may end where
         * the grammar does. An answer that is ended otherwise, as by the most tokens that it may have, is the beginning
         * of what the grammar describes. Without a word there is no grammar.
         *
         * @param grammar as {@link GenerationOptions#grammar} has it
         * @return this builder
         */
        public Builder grammar(Grammar grammar) {
            this.grammar = Optional.of(Objects.requireNonNull(grammar, "grammar"));
            return this;
        }

        /**
         * Ends an answer from any thread, also while its prompt is read, with a
         * {@link io.github.expogguf.CancelledException}.
         *
         * @param cancellation as {@link GenerationOptions#cancellation} has it
         * @return this builder
         */
        public Builder cancellation(Cancellation cancellation) {
            this.cancellation = Optional.of(Objects.requireNonNull(cancellation, "cancellation"));
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if there is to be no token, or a stop string is empty
         */
        public GenerationOptions build() {
            return new GenerationOptions(new Values(maxTokens, sampling, stopStrings, grammar, cancellation));
        }
    }
}
