package io.github.expogguf.search.votes;

import io.github.expogguf.search.votes.MostTelling.Pair;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What votes say: a curve of quality over alpha with its uncertainty, which alpha to take, how sure that is, and what
 * to ask next. Depends on the votes alone, so that the same votes give the same. Immutable.
 *
 * <p>How a vote depends on quality is Davidson's model of comparisons with ties (JASA 65, 1970), which extends Bradley
 * and Terry's; quality is a Gaussian process over {@link io.github.expogguf.search.AlphaScale}, after Chu and
 * Ghahramani (Preference learning with Gaussian processes, ICML 2005), with Laplace's approximation. Qualities are
 * logits: what is better by 0.4 is preferred in 60 of 100 comparisons that are no ties, by 1 in 73.
 *
 * <pre>{@code
 * List<Vote> votes = new ArrayList<>();
 * Listening listening = Listening.of(options, votes);
 * while (!listening.isSure()) {
 *     votes.add(ask(listening.next(Set.of())));
 *     listening = Listening.of(options, votes);
 * }
 * System.out.println(listening.best());
 * }</pre>
 */
public final class Listening {

    /** Probability of being better from which on another alpha than 0 is taken; more would need more votes. */
    private static final double IMPROVEMENT = 0.65;

    /** What is lower by no more counts as good: 51 of 100 comparisons. */
    private static final double AS_GOOD = 0.05;

    private final ListeningOptions options;
    private final List<Vote> votes;
    private final Posterior posterior;
    private final int best;

    private Listening(ListeningOptions options, List<Vote> votes) {
        this.options = options;
        this.votes = votes.stream()
                .filter(vote -> options.candidates().containsAll(List.of(vote.left(), vote.right())))
                .toList();
        this.posterior = new VoteModel(options.candidates(), options.start()).fit(this.votes);
        this.best = chosen();
    }

    /**
     * {@return what these votes say}
     *
     * @param options what can be heard, and when that is enough
     * @param votes   in any order; those on other alphas than the candidates are left out
     */
    public static Listening of(ListeningOptions options, List<Vote> votes) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(votes, "votes");
        return new Listening(options, votes);
    }

    /**
     * The curve at a candidate.
     *
     * @param alpha     the candidate
     * @param mean      by how much it is better than alpha 0, in logits
     * @param deviation standard deviation of that
     * @param isHeard   whether it was among those that somebody was asked about
     */
    public record Point(float alpha, double mean, double deviation, boolean isHeard) {}

    /** {@return the curve at every candidate, the smallest first} */
    public List<Point> curve() {
        List<Point> points = new ArrayList<>();
        Set<Float> heard = votes.stream()
                .filter(Vote::isHeard)
                .flatMap(vote -> List.of(vote.left(), vote.right()).stream())
                .collect(Collectors.toSet());
        for (int i = 0; i < options.candidates().size(); i++) {
            float alpha = options.candidates().get(i);
            points.add(new Point(
                    alpha,
                    posterior.mode()[i] - posterior.mode()[0],
                    posterior.deviation(i, 0),
                    heard.contains(alpha)));
        }
        return points;
    }

    /** {@return the votes on candidates, in their order} */
    public List<Vote> votes() {
        return votes;
    }

    /** {@return how many of the votes somebody gave} */
    public int heard() {
        return (int) votes.stream().filter(Vote::isHeard).count();
    }

    /**
     * {@return the alpha to take} It is the one closest to 0 of those that are as good as the highest mean but for
     * 0.05, and 0 itself unless the highest is above it with a probability of 0.65. None is beyond the largest that
     * somebody heard.
     */
    public float best() {
        return options.candidates().get(best);
    }

    private int chosen() {
        double mostHeard = votes.stream()
                .filter(Vote::isHeard)
                .mapToDouble(vote -> Math.max(vote.left(), vote.right()))
                .max()
                .orElse(0);
        int top = 0;
        for (int i = 1; i < options.candidates().size(); i++) {
            if (options.candidates().get(i) <= mostHeard
                    && posterior.mode()[i] > posterior.mode()[top]) {
                top = i;
            }
        }
        if (posterior.probabilityBetter(top, 0) < IMPROVEMENT) {
            return 0;
        }
        for (int i = 0; i < top; i++) {
            if (posterior.mode()[top] - posterior.mode()[i] <= AS_GOOD) {
                return i;
            }
        }
        return top;
    }

    /**
     * {@return the probability that no candidate is better than the one to take by more than
     * {@link ListeningOptions#smallLoss}}
     */
    public double certainty() {
        return posterior.probabilityWithin(best, options.smallLoss());
    }

    /** {@return by how much the best candidate, whichever it is, is better than the one to take; a mean, in logits} */
    public double expectedLoss() {
        return posterior.expectedLoss(best);
    }

    /** {@return the probability that the alpha to take is better than 0, the aligned model; one half if it is 0} */
    public double probabilityAboveAligned() {
        return best == 0 ? 0.5 : posterior.probabilityBetter(best, 0);
    }

    /** {@return whether more votes would hardly change what to take} */
    public boolean isSure() {
        return heard() >= options.leastVotes() && certainty() >= options.certainty();
    }

    /**
     * {@return the two alphas whose comparison tells most about which is the best}
     *
     * @param asked comparisons that are under way and need not be chosen again
     * @throws IllegalArgumentException if there are no others
     */
    public AlphaPair next(Collection<AlphaPair> asked) {
        Objects.requireNonNull(asked, "asked");
        List<Float> alphas = options.candidates();
        AlphaPair first = new AlphaPair(0, options.start());
        if (votes.isEmpty() && !asked.contains(first)) {
            return first;
        }
        Set<Pair> pending = asked.stream()
                .map(pair -> new Pair(alphas.indexOf(pair.low()), alphas.indexOf(pair.high())))
                .collect(Collectors.toSet());
        Pair pair = new MostTelling(posterior).next(pending);
        return new AlphaPair(alphas.get(pair.low()), alphas.get(pair.high()));
    }
}
