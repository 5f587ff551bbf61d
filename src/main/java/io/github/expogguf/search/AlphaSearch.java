package io.github.expogguf.search;

import io.github.expogguf.search.SearchResult.Edge;
import io.github.expogguf.search.Strategy.Step;
import io.github.expogguf.text.Elements;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the alpha that scores best: evaluates a grid, or brackets the best alpha by itself, from coarse to fine. The
 * aligned model, alpha 0, is evaluated first, always. What is evaluated depends on the evaluations alone, so a search
 * that was stopped takes the same way again when it is given what it knew. Pure but for the evaluator.
 *
 * <pre>{@code
 * SearchResult result = AlphaSearch.run(SearchOptions.bracketing(), alpha -> measure(alpha));
 * result.best().ifPresent(best -> System.out.println(best.alpha()));
 * }</pre>
 */
public final class AlphaSearch {

    /** Below this many standard errors above alpha 0, the highest of many scores may be so by chance. */
    private static final double IMPROVEMENT = 2;

    /** What is within this many standard errors of the maximum counts as good. */
    private static final double AS_GOOD = 1;

    private AlphaSearch() {}

    /** Follows a search, on its thread. */
    public interface Listener {

        /**
         * An alpha is about to be evaluated, or to be taken from what is known.
         *
         * @param alpha weight of the delta, finite
         * @param done  evaluations that are done
         * @param total how many there will be at most
         */
        void begins(float alpha, int done, int total);

        /**
         * An evaluation is done. The scores are those of its own; what is best may still change.
         *
         * @param trial the alpha, and what was measured
         */
        void ends(Trial trial);

        /**
         * What follows is of this profile, in a {@link ProfileSearch}; one alpha for all tensors until it is said.
         *
         * @param profile how alpha is shared out among the tensors
         */
        default void turnsTo(AlphaProfile profile) {
            Objects.requireNonNull(profile, "profile");
        }

        /** {@return a listener that hears nothing} */
        static Listener none() {
            return new Listener() {
                @Override
                public void begins(float alpha, int done, int total) {}

                @Override
                public void ends(Trial trial) {}
            };
        }
    }

    /**
     * Searches, knowing nothing.
     *
     * @param options   strategy, bounds, and how many evaluations at most
     * @param evaluator what measures an alpha
     * @return all evaluations, and the best of them
     * @throws IllegalArgumentException if nothing judges the evaluations, {@link #runUnjudged}
     * @throws IOException              if what the evaluator needs cannot be read or written
     */
    public static SearchResult run(SearchOptions options, Evaluator evaluator) throws IOException {
        return run(options, evaluator, List.of(), Listener.none());
    }

    /**
     * Searches.
     *
     * @param options   strategy, bounds, and how many evaluations at most
     * @param evaluator what measures an alpha
     * @param known     evaluations of an earlier search with the same evaluator, which are not done again; may have
     *                  alphas that this search does not ask for; those without a guard that is bounded now are not used
     * @param listener  hears of every evaluation, on the calling thread
     * @return all evaluations, and the best of them
     * @throws IllegalArgumentException if a guard is bounded that was not measured, or evaluations are of different
     *                                  prompts, or nothing judges them, {@link #runUnjudged}
     * @throws IOException              whatever the evaluator throws
     */
    public static SearchResult run(
            SearchOptions options, Evaluator evaluator, List<Evaluation> known, Listener listener) throws IOException {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(evaluator, "evaluator");
        Elements.require(known, "known");
        Objects.requireNonNull(listener, "listener");
        if (evaluator.isUnjudged()) {
            throw new IllegalArgumentException("the evaluator has nothing to judge by; runUnjudged looks without");
        }
        return run(options, strategy(options, false), evaluator, known, listener);
    }

    /**
     * Looks for an alpha where nothing scores the models: the one at which the model diverges from the aligned one by
     * about 0.07 nats per token, as other pairs did where judges found them best, that keeps the bounds, and whose
     * answers are like those at its neighbours. What comes of it is a {@linkplain SearchResult#hunch hunch}; somebody
     * should listen to the answers.
     *
     * @param options  with bounds, {@link GuardBound#withoutJudge} for example
     * @param evaluator measures the guard {@code kl} and gives answers; its scores are shown, and decide nothing
     * @param known    as for a search
     * @param listener hears of every evaluation, on the calling thread
     * @return all evaluations, and the hunch among them
     * @throws IllegalArgumentException if {@code kl} was not measured
     * @throws IOException              whatever the evaluator throws
     */
    public static SearchResult runUnjudged(
            SearchOptions options, Evaluator evaluator, List<Evaluation> known, Listener listener) throws IOException {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(evaluator, "evaluator");
        Elements.require(known, "known");
        Objects.requireNonNull(listener, "listener");
        return run(options, strategy(options, true), evaluator, known, listener);
    }

    private static Strategy strategy(SearchOptions options, boolean isUnjudged) {
        if (!options.alphas().isEmpty()) {
            return new Grid(options.alphas(), isUnjudged);
        }
        return isUnjudged ? new Approach(options) : new Bracketing(options);
    }

    private static SearchResult run(
            SearchOptions options, Strategy strategy, Evaluator evaluator, List<Evaluation> known, Listener listener)
            throws IOException {
        Map<Float, Evaluation> knownByAlpha = new HashMap<>();
        known.stream()
                .filter(evaluation ->
                        evaluation.profile().equals(AlphaProfile.UNIFORM) && isComplete(evaluation, options))
                .forEach(evaluation -> knownByAlpha.put(evaluation.alpha(), evaluation));
        if (!options.profiles().isEmpty() || options.gradient()) {
            throw new IllegalArgumentException("profiles and gradients are searched by ProfileSearch");
        }
        return goOn(
                new Trials(options),
                strategy,
                alpha -> {
                    Evaluation earlier = knownByAlpha.get(alpha);
                    return earlier == null ? evaluate(evaluator, alpha) : earlier;
                },
                listener);
    }

    /** Searches on from what was evaluated, be it of other alphas than the search by itself would have looked at. */
    static SearchResult goOn(SearchOptions options, Trials soFar, Evaluator evaluator) throws IOException {
        return goOn(soFar, strategy(options, false), evaluator, Listener.none());
    }

    private static SearchResult goOn(Trials trials, Strategy strategy, Evaluator evaluator, Listener listener)
            throws IOException {
        while (true) {
            switch (strategy.next(trials)) {
                case Step.Evaluate(float alpha) -> {
                    listener.begins(alpha, trials.size(), strategy.mostEvaluations());
                    listener.ends(trials.add(evaluator.evaluate(alpha)));
                }
                case Step.Stop(SearchResult.End end) -> {
                    return strategy.isUnjudged() ? unjudged(trials, end) : judged(trials, end);
                }
            }
        }
    }

    /** An earlier search may not have measured what this one bounds. */
    static boolean isComplete(Evaluation known, SearchOptions options) {
        return options.bounds().stream().allMatch(bound -> known.guards().containsKey(bound.guard()));
    }

    private static Evaluation evaluate(Evaluator evaluator, float alpha) throws IOException {
        Evaluation evaluation = evaluator.evaluate(alpha);
        if (evaluation.alpha() != alpha) {
            throw new IllegalStateException("asked for alpha " + alpha + ", evaluated was " + evaluation.alpha());
        }
        return evaluation;
    }

    private static SearchResult judged(Trials trials, SearchResult.End end) {
        return new SearchResult(trials.all(), best(trials), trials.maximum(), edge(trials), end, Optional.empty());
    }

    private static SearchResult unjudged(Trials trials, SearchResult.End end) {
        Optional<Trial> chosen = Optional.of(Approach.choose(trials)).filter(Trial::isAllowed);
        return new SearchResult(trials.all(), chosen, Optional.empty(), Optional.empty(), end, Approach.hunch(trials));
    }

    private static Optional<Edge> edge(Trials trials) {
        return trials.maximum().filter(highest -> highest.alpha() != 0).flatMap(highest -> {
            Optional<Trial> beyond = trials.beyond(highest);
            while (beyond.filter(trial -> isAsHigh(trial, highest) && trial.isAllowed())
                    .isPresent()) {
                beyond = trials.beyond(beyond.get()); // a plateau ends where its last one does
            }
            if (beyond.isEmpty()) {
                return Optional.of(Edge.RANGE);
            }
            return beyond.filter(trial -> isAsHigh(trial, highest)).map(_ -> Edge.BOUND);
        });
    }

    private static boolean isAsHigh(Trial trial, Trial highest) {
        return trial.score().mean() >= highest.score().mean();
    }

    private static Optional<Trial> best(Trials trials) {
        Optional<Trial> aligned = trials.at(0).filter(Trial::isAllowed);
        return trials.maximum().map(maximum -> {
            if (aligned.isPresent() && !trials.advantage(maximum, aligned.get()).isAbove(IMPROVEMENT)) {
                return aligned.get();
            }
            return trials.all().stream()
                    .filter(Trial::isAllowed)
                    .filter(trial -> !trials.advantage(maximum, trial).isAbove(AS_GOOD))
                    .min(Comparator.comparingDouble(trial -> Math.abs(trial.alpha())))
                    .orElseThrow();
        });
    }
}
