package io.github.expogguf.infer;

/**
 * How the next token is chosen; names, order (penalties, top-k, top-p, min-p, temperature) and meaning are llama.cpp's.
 */
public final class SamplingOptions {

    /** As {@link #repeatLastN}: as many tokens as a sequence may hold. */
    public static final int WHOLE_CONTEXT = -1;

    private static final float LEAST_TEMPERATURE = 1e-6f; // logits stay numbers when they are divided by it
    private static final int DEFAULT_LAST_N = 64; // common_params_sampling, common.h v0.5.0

    private final Values values;

    private record Values(
            float temperature,
            int topK,
            float topP,
            float minP,
            float repeatPenalty,
            int repeatLastN,
            float frequencyPenalty,
            float presencePenalty,
            int seed) {
        private Values {
            require(temperature >= 0 && Float.isFinite(temperature), "temperature", temperature, "0 or more");
            require(topK >= 0, "topK", topK, "0 or more");
            require(topP > 0 && topP <= 1, "topP", topP, "more than 0 and at most 1");
            require(minP >= 0 && minP <= 1, "minP", minP, "0 to 1");
            require(repeatPenalty > 0 && Float.isFinite(repeatPenalty), "repeatPenalty", repeatPenalty, "more than 0");
            require(repeatLastN >= WHOLE_CONTEXT, "repeatLastN", repeatLastN, "-1 or more");
            require(Float.isFinite(frequencyPenalty), "frequencyPenalty", frequencyPenalty, "a number");
            require(Float.isFinite(presencePenalty), "presencePenalty", presencePenalty, "a number");
        }
    }

    private SamplingOptions(Values values) {
        this.values = values;
    }

    /**
     * The most likely token, always, unless set otherwise on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the most likely token, always} */
    public static SamplingOptions greedy() {
        return builder().build();
    }

    /**
     * {@return what llama.cpp's programs do unless told otherwise (common_params_sampling, common.h v0.5.0), with a
     * fixed seed}
     *
     * @param seed decides all random choices; the same seed gives the same answers
     */
    public static SamplingOptions seeded(int seed) {
        return builder()
                .temperature(0.8f)
                .topK(40)
                .topP(0.95f)
                .minP(0.05f)
                .seed(seed)
                .build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.temperature = values.temperature;
        builder.topK = values.topK;
        builder.topP = values.topP;
        builder.minP = values.minP;
        builder.repeatPenalty = values.repeatPenalty;
        builder.repeatLastN = values.repeatLastN;
        builder.frequencyPenalty = values.frequencyPenalty;
        builder.presencePenalty = values.presencePenalty;
        builder.seed = values.seed;
        return builder;
    }

    /**
     * Divides the logits; 0, as all below 1e-6, chooses the most likely token always, and all but the penalties is then
     * ignored.
     *
     * @return what the logits are divided by; 0 chooses the most likely token always
     */
    public float temperature() {
        return values.temperature;
    }

    /**
     * Keeps this many of the most likely tokens; 0 keeps all.
     *
     * @return how many of the most likely tokens are kept; 0 for all
     */
    public int topK() {
        return values.topK;
    }

    /**
     * Keeps the most likely tokens until they have this probability together; 1 keeps all.
     *
     * @return the probability that the kept tokens have together; 1 keeps all
     */
    public float topP() {
        return values.topP;
    }

    /**
     * Keeps tokens with at least this share of the most likely token's probability; 0 keeps all.
     *
     * @return the least share of the most likely token's probability that a token is kept with; 0 keeps all
     */
    public float minP() {
        return values.minP;
    }

    /**
     * Divides the logits above 0 of tokens that were there already, and multiplies those below; 1 leaves them.
     *
     * @return what the logits above 0 of tokens that were there already are divided by; 1 leaves them
     */
    public float repeatPenalty() {
        return values.repeatPenalty;
    }

    /**
     * {@return at how many last tokens the penalties look, of the prompt too; 0 for none, {@link #WHOLE_CONTEXT} for as
     * many as a sequence may hold}
     */
    public int repeatLastN() {
        return values.repeatLastN;
    }

    /** {@return what is taken from the logit of a token for each time that it was there already} */
    public float frequencyPenalty() {
        return values.frequencyPenalty;
    }

    /** {@return what is taken from the logits of tokens that were there already} */
    public float presencePenalty() {
        return values.presencePenalty;
    }

    /** {@return whether tokens that were there already are treated otherwise than new ones} */
    public boolean hasPenalties() {
        return repeatLastN() != 0 && (repeatPenalty() != 1 || frequencyPenalty() != 0 || presencePenalty() != 0);
    }

    /**
     * {@return the unsigned 32-bit seed; the prompt at index {@code i} of a call is sampled with {@code seed + i}, so
     * that an answer does not depend on the other prompts}
     */
    public int seed() {
        return values.seed;
    }

    /**
     * Same, at this temperature.
     *
     * @param temperature as {@link #temperature} has it
     * @return new options; these stay as they are
     */
    public SamplingOptions withTemperature(float temperature) {
        return toBuilder().temperature(temperature).build();
    }

    /**
     * Same, with this seed.
     *
     * @param seed as {@link #seed} has it
     * @return new options; these stay as they are
     */
    public SamplingOptions withSeed(int seed) {
        return toBuilder().seed(seed).build();
    }

    /** {@return whether the most likely token is chosen always, after the penalties: the temperature is below 1e-6} */
    public boolean isGreedy() {
        return temperature() < LEAST_TEMPERATURE;
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SamplingOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "SamplingOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private float temperature;
        private int topK;
        private float topP = 1;
        private float minP;
        private float repeatPenalty = 1;
        private int repeatLastN = DEFAULT_LAST_N;
        private float frequencyPenalty;
        private float presencePenalty;
        private int seed;

        private Builder() {}

        /**
         * Divides the logits; 0, as without a word, and all below 1e-6 choose the most likely token always.
         *
         * @param temperature as {@link SamplingOptions#temperature} has it
         * @return this builder
         */
        public Builder temperature(float temperature) {
            this.temperature = temperature;
            return this;
        }

        /**
         * Keeps this many of the most likely tokens; 0, as without a word, keeps all.
         *
         * @param topK as {@link SamplingOptions#topK} has it
         * @return this builder
         */
        public Builder topK(int topK) {
            this.topK = topK;
            return this;
        }

        /**
         * Keeps the most likely tokens until they have this probability together; 1, as without a word, keeps all.
         *
         * @param topP as {@link SamplingOptions#topP} has it
         * @return this builder
         */
        public Builder topP(float topP) {
            this.topP = topP;
            return this;
        }

        /**
         * Keeps tokens with at least this share of the most likely token's probability; 0, as without a word, keeps
         * all.
         *
         * @param minP as {@link SamplingOptions#minP} has it
         * @return this builder
         */
        public Builder minP(float minP) {
            this.minP = minP;
            return this;
        }

        /**
         * Divides the logits above 0 of tokens that were there already, and multiplies those below; 1, as without a
         * word, leaves them.
         *
         * @param repeatPenalty as {@link SamplingOptions#repeatPenalty} has it
         * @return this builder
         */
        public Builder repeatPenalty(float repeatPenalty) {
            this.repeatPenalty = repeatPenalty;
            return this;
        }

        /**
         * The penalties look at so many last tokens, of the prompt too; 64 without a word, 0 for none,
         * {@link #WHOLE_CONTEXT} for as many as a sequence may hold.
         *
         * @param repeatLastN as {@link SamplingOptions#repeatLastN} has it
         * @return this builder
         */
        public Builder repeatLastN(int repeatLastN) {
            this.repeatLastN = repeatLastN;
            return this;
        }

        /**
         * Taken from the logit of a token for each time that it was there already; 0 without a word.
         *
         * @param frequencyPenalty as {@link SamplingOptions#frequencyPenalty} has it
         * @return this builder
         */
        public Builder frequencyPenalty(float frequencyPenalty) {
            this.frequencyPenalty = frequencyPenalty;
            return this;
        }

        /**
         * Taken from the logits of tokens that were there already; 0 without a word.
         *
         * @param presencePenalty as {@link SamplingOptions#presencePenalty} has it
         * @return this builder
         */
        public Builder presencePenalty(float presencePenalty) {
            this.presencePenalty = presencePenalty;
            return this;
        }

        /**
         * Unsigned 32-bit seed; 0 without a word.
         *
         * @param seed as {@link SamplingOptions#seed} has it
         * @return this builder
         */
        public Builder seed(int seed) {
            this.seed = seed;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if a number is out of its range
         */
        public SamplingOptions build() {
            return new SamplingOptions(new Values(
                    temperature,
                    topK,
                    topP,
                    minP,
                    repeatPenalty,
                    repeatLastN,
                    frequencyPenalty,
                    presencePenalty,
                    seed));
        }
    }
}
