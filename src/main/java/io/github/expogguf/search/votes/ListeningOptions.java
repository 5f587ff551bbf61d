package io.github.expogguf.search.votes;

import io.github.expogguf.search.AlphaScale;
import io.github.expogguf.text.Elements;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** What can be heard, and when that is enough. */
public final class ListeningOptions {

    /** Loss that does not matter, in logits: the better one is preferred in 60 of 100 comparisons that are no ties. */
    public static final double DEFAULT_SMALL_LOSS = 0.4;

    /** Probability of a loss no larger from which on the choice is sure. */
    public static final double DEFAULT_CERTAINTY = 0.9;

    /** Votes below which nothing is sure, since a prior is no evidence. */
    public static final int DEFAULT_LEAST_VOTES = 15;

    private final Values values;

    private record Values(List<Float> candidates, float start, double smallLoss, double certainty, int leastVotes) {
        private Values {
            boolean ascends = candidates.size() > 1 && candidates.getFirst() == 0;
            for (int i = 1; i < candidates.size(); i++) {
                ascends &= candidates.get(i) > candidates.get(i - 1) && Float.isFinite(candidates.get(i));
            }
            require(ascends, "candidates", candidates, "0 and larger ones, ascending");
            require(candidates.size() <= MOST, "number of candidates", candidates.size(), "at most " + MOST);
            require(start != 0 && candidates.contains(start), "start", start, "a candidate other than 0");
            require(smallLoss > 0 && Double.isFinite(smallLoss), "smallLoss", smallLoss, "more than 0");
            require(certainty > 0 && certainty < 1, "certainty", certainty, "between 0 and 1");
            require(leastVotes >= 0, "leastVotes", leastVotes, "0 or more");
        }

        private static final int MOST = Candidates.MOST_STEPS + 1;

        private static void require(boolean holds, String name, Object value, String expected) {
            if (!holds) {
                throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
            }
        }
    }

    private ListeningOptions(Values values) {
        this.values = values;
    }

    /** {@return a builder: candidates up to 1, beginning with the one in the middle, unless set otherwise on it} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.candidates = values.candidates;
        builder.start = OptionalDouble.of(values.start);
        builder.smallLoss = values.smallLoss;
        builder.certainty = values.certainty;
        builder.leastVotes = values.leastVotes;
        return builder;
    }

    /** {@return the alphas that are compared, ascending; the first is 0, the aligned model} */
    public List<Float> candidates() {
        return values.candidates;
    }

    /** {@return what alpha 0 is compared with first: where the best is expected, if it is better than 0 at all} */
    public float start() {
        return values.start;
    }

    /** {@return the loss that does not matter, in logits} */
    public double smallLoss() {
        return values.smallLoss;
    }

    /** {@return the probability of a loss no larger from which on the choice is sure} */
    public double certainty() {
        return values.certainty;
    }

    /** {@return the votes below which nothing is sure} */
    public int leastVotes() {
        return values.leastVotes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ListeningOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "ListeningOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private List<Float> candidates = Candidates.upTo(Candidates.UNKNOWN, Candidates.DEFAULT_STEPS);
        private OptionalDouble start = OptionalDouble.empty();
        private double smallLoss = DEFAULT_SMALL_LOSS;
        private double certainty = DEFAULT_CERTAINTY;
        private int leastVotes = DEFAULT_LEAST_VOTES;

        private Builder() {}

        /**
         * The alphas that are compared, as {@link Candidates} makes them: 0, and larger ones, ascending.
         *
         * @param candidates 0 and more
         * @return this builder
         */
        public Builder candidates(List<Float> candidates) {
            this.candidates = Elements.copy(candidates, "candidates");
            return this;
        }

        /**
         * Where the best is expected: begins with the candidate that is nearest to this alpha, but not 0.
         *
         * @param alpha an alpha; need not be a candidate
         * @return this builder
         */
        public Builder start(double alpha) {
            this.start = OptionalDouble.of(alpha);
            return this;
        }

        /**
         * Loss that does not matter, in logits; {@value #DEFAULT_SMALL_LOSS} without a word.
         *
         * @param smallLoss more than 0
         * @return this builder
         */
        public Builder smallLoss(double smallLoss) {
            this.smallLoss = smallLoss;
            return this;
        }

        /**
         * Probability from which on the choice is sure; {@value #DEFAULT_CERTAINTY} without a word.
         *
         * @param certainty between 0 and 1
         * @return this builder
         */
        public Builder certainty(double certainty) {
            this.certainty = certainty;
            return this;
        }

        /**
         * Votes below which nothing is sure; {@value #DEFAULT_LEAST_VOTES} without a word.
         *
         * @param leastVotes 0 or more
         * @return this builder
         */
        public Builder leastVotes(int leastVotes) {
            this.leastVotes = leastVotes;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if the candidates do not begin with 0 or do not ascend, or a number is out
         *                                  of its range
         */
        public ListeningOptions build() {
            return new ListeningOptions(new Values(candidates, nearest(), smallLoss, certainty, leastVotes));
        }

        private float nearest() {
            if (start.isEmpty()) {
                return candidates.isEmpty() ? 0 : candidates.get(candidates.size() / 2);
            }
            double wanted = AlphaScale.position(start.getAsDouble());
            return candidates.stream()
                    .filter(candidate -> candidate != 0)
                    .min(Comparator.comparingDouble(candidate -> Math.abs(AlphaScale.position(candidate) - wanted)))
                    .orElse(0f);
        }
    }
}
