package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where to look, and what counts. */
public final class SearchOptions {

    /** Bracketing ends here unless it is told otherwise; the largest published alpha is 25. */
    public static final float DEFAULT_MAX_ALPHA = 32;

    /** Enough to walk up to {@link #DEFAULT_MAX_ALPHA} and to refine what was found. */
    public static final int DEFAULT_MAX_EVALUATIONS = 16;

    private final Values values;

    private record Values(
            List<Float> alphas,
            List<GuardBound> bounds,
            int maxEvaluations,
            float maxAlpha,
            boolean negative,
            boolean holdout,
            Optional<Float> start,
            List<AlphaProfile> profiles,
            boolean gradient) {
        private Values {
            for (float alpha : alphas) {
                Numbers.requireFinite(alpha, "alpha");
            }
            if (maxEvaluations < 1) {
                throw new IllegalArgumentException("maxEvaluations is " + maxEvaluations + ", expected at least 1");
            }
            if (!(maxAlpha > 0) || !Float.isFinite(maxAlpha)) {
                throw new IllegalArgumentException("maxAlpha is " + maxAlpha + ", expected more than 0 and finite");
            }
            start.ifPresent(alpha -> {
                if (!(alpha > 0) || alpha > maxAlpha) {
                    throw new IllegalArgumentException(
                            "start is " + alpha + ", expected more than 0 and at most maxAlpha, " + maxAlpha);
                }
            });
        }
    }

    private SearchOptions(Values values) {
        this.values = values;
    }

    /**
     * {@linkplain #bracketing Bracketing}, unless set otherwise on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Bracketing without bounds, on all prompts.
     *
     * @return options that have bracketing look at alphas, without bounds, on all prompts
     */
    public static SearchOptions bracketing() {
        return builder().build();
    }

    /**
     * These alphas and 0, without bounds, on all prompts.
     *
     * @param alphas finite, in any order, at least one
     * @return options that have these alphas and 0 looked at, without bounds, on all prompts
     * @throws IllegalArgumentException if there is none; {@link #bracketing} needs none
     */
    public static SearchOptions grid(float... alphas) {
        Objects.requireNonNull(alphas, "alphas");
        if (alphas.length == 0) {
            throw new IllegalArgumentException("a grid without alphas, expected at least one");
        }
        List<Float> grid = new ArrayList<>();
        for (float alpha : alphas) {
            grid.add(alpha);
        }
        return bracketing().withAlphas(grid);
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.alphas = values.alphas;
        builder.bounds = values.bounds;
        builder.maxEvaluations = values.maxEvaluations;
        builder.maxAlpha = values.maxAlpha;
        builder.negative = values.negative;
        builder.holdout = values.holdout;
        builder.start = values.start;
        builder.profiles = values.profiles;
        builder.gradient = values.gradient;
        return builder;
    }

    /**
     * {@return a grid to evaluate whole; 0, the aligned model itself, is added} Empty lets the search bracket the best
     * alpha by itself.
     */
    public List<Float> alphas() {
        return values.alphas;
    }

    /** {@return bounds on guards; an alpha outside of them cannot be the best} */
    public List<GuardBound> bounds() {
        return values.bounds;
    }

    /** {@return profiles that a {@link ProfileSearch} tries beside one alpha for all tensors, in their order} */
    public List<AlphaProfile> profiles() {
        return values.profiles;
    }

    /** {@return whether a {@link ProfileSearch} looks for a gradient over the depth of the model} */
    public boolean gradient() {
        return values.gradient;
    }

    /** {@return the most models that bracketing evaluates, at least 1; a grid is evaluated whole} */
    public int maxEvaluations() {
        return values.maxEvaluations;
    }

    /** {@return the largest alpha that bracketing tries, more than 0} */
    public float maxAlpha() {
        return values.maxAlpha;
    }

    /** {@return whether bracketing also looks below 0, down to -1, which is the SFT model} */
    public boolean negative() {
        return values.negative;
    }

    /**
     * {@return whether only the even prompts (the first, the third, ...) decide, and the odd ones are kept to report
     * on: a maximum over noisy scores is too high on the prompts that chose it}
     */
    public boolean holdout() {
        return values.holdout;
    }

    /**
     * Where bracketing looks first after alpha 0; without it, at 0.1.
     *
     * @return the alpha that bracketing looks at first after 0; without it, 0.1
     */
    public Optional<Float> start() {
        return values.start;
    }

    /**
     * Same, bracketing from this alpha on.
     *
     * @param start as {@link #start} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withStart(float start) {
        return toBuilder().start(start).build();
    }

    /**
     * Same, on this grid; empty for bracketing.
     *
     * @param alphas as {@link #alphas} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withAlphas(List<Float> alphas) {
        return toBuilder().alphas(alphas).build();
    }

    /**
     * Same, within these bounds.
     *
     * @param bounds as {@link #bounds} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withBounds(List<GuardBound> bounds) {
        return toBuilder().bounds(bounds).build();
    }

    /**
     * Same, bracketing with at most this many evaluations.
     *
     * @param maxEvaluations as {@link #maxEvaluations} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withMaxEvaluations(int maxEvaluations) {
        return toBuilder().maxEvaluations(maxEvaluations).build();
    }

    /**
     * Same, bracketing up to this alpha.
     *
     * @param maxAlpha as {@link #maxAlpha} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withMaxAlpha(float maxAlpha) {
        return toBuilder().maxAlpha(maxAlpha).build();
    }

    /**
     * Same, bracketing below 0 too or not.
     *
     * @param negative as {@link #negative} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withNegative(boolean negative) {
        return toBuilder().negative(negative).build();
    }

    /**
     * Same, choosing on one half of the prompts and reporting on the other, or both on all.
     *
     * @param holdout as {@link #holdout} has it
     * @return new options; these stay as they are
     */
    public SearchOptions withHoldout(boolean holdout) {
        return toBuilder().holdout(holdout).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SearchOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "SearchOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private List<Float> alphas = List.of();
        private List<GuardBound> bounds = List.of();
        private int maxEvaluations = DEFAULT_MAX_EVALUATIONS;
        private float maxAlpha = DEFAULT_MAX_ALPHA;
        private boolean negative;
        private boolean holdout;
        private Optional<Float> start = Optional.empty();
        private List<AlphaProfile> profiles = List.of();
        private boolean gradient;

        private Builder() {}

        /**
         * A grid to evaluate whole; 0 is added. Empty, as without a word, for bracketing.
         *
         * @param alphas as {@link SearchOptions#alphas} has it
         * @return this builder
         */
        public Builder alphas(List<Float> alphas) {
            this.alphas = Elements.copy(alphas, "alphas");
            return this;
        }

        /**
         * Bounds on guards; an alpha outside of them cannot be the best.
         *
         * @param bounds as {@link SearchOptions#bounds} has it
         * @return this builder
         */
        public Builder bounds(List<GuardBound> bounds) {
            this.bounds = Elements.copy(bounds, "bounds");
            return this;
        }

        /**
         * Most alphas that bracketing evaluates, at least 1; {@value #DEFAULT_MAX_EVALUATIONS} without a word.
         *
         * @param maxEvaluations as {@link SearchOptions#maxEvaluations} has it
         * @return this builder
         */
        public Builder maxEvaluations(int maxEvaluations) {
            this.maxEvaluations = maxEvaluations;
            return this;
        }

        /**
         * Largest alpha that bracketing tries, more than 0; {@value #DEFAULT_MAX_ALPHA} without a word.
         *
         * @param maxAlpha as {@link SearchOptions#maxAlpha} has it
         * @return this builder
         */
        public Builder maxAlpha(float maxAlpha) {
            this.maxAlpha = maxAlpha;
            return this;
        }

        /**
         * Whether bracketing also looks below 0, down to -1, which is the SFT model.
         *
         * @param negative as {@link SearchOptions#negative} has it
         * @return this builder
         */
        public Builder negative(boolean negative) {
            this.negative = negative;
            return this;
        }

        /**
         * Whether one half of the prompts decides, and the other is kept to report on.
         *
         * @param holdout as {@link SearchOptions#holdout} has it
         * @return this builder
         */
        public Builder holdout(boolean holdout) {
            this.holdout = holdout;
            return this;
        }

        /**
         * Where bracketing looks first after alpha 0: from there it walks up, or down if that is too far already. More
         * than 0, at most the largest alpha.
         *
         * @param start as {@link SearchOptions#start} has it
         * @return this builder
         */
        public Builder start(float start) {
            this.start = Optional.of(start);
            return this;
        }

        /**
         * Profiles that a {@link ProfileSearch} tries beside one alpha for all tensors; none without a word.
         *
         * @param profiles as {@link SearchOptions#profiles} has it
         * @return this builder
         */
        public Builder profiles(List<AlphaProfile> profiles) {
            this.profiles = Elements.copy(profiles, "profiles");
            return this;
        }

        /**
         * Whether a {@link ProfileSearch} looks for a gradient over the depth of the model.
         *
         * @param gradient as {@link SearchOptions#gradient} has it
         * @return this builder
         */
        public Builder gradient(boolean gradient) {
            this.gradient = gradient;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if a number is out of its range
         */
        public SearchOptions build() {
            return new SearchOptions(
                    new Values(alphas, bounds, maxEvaluations, maxAlpha, negative, holdout, start, profiles, gradient));
        }
    }
}
