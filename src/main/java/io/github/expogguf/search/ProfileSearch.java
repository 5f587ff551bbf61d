package io.github.expogguf.search;

import io.github.expogguf.search.ProfileSearchResult.Candidate;
import io.github.expogguf.search.ProfileSearchResult.Verdict;
import io.github.expogguf.search.SearchResult.Edge;
import io.github.expogguf.search.SearchResult.End;
import io.github.expogguf.text.Elements;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out whether alpha does better where tensors get different shares of it: one alpha for all first, as
 * {@link AlphaSearch} does, then each profile from the best alpha on, then the gradient over the depth, by compass
 * search over slope and alpha. What is found has to be better by more than chance, {@link ProfileSearchResult}, than
 * one alpha for all that was looked at in the same places.
 *
 * <pre>{@code
 * SearchOptions options = SearchOptions.builder().profiles(List.of(AlphaProfile.parse("depth"))).build();
 * ProfileSearchResult result = ProfileSearch.run(options, (profile, alpha) -> measure(profile, alpha));
 * result.best().ifPresent(best -> System.out.println(best.evaluation().profile().name() + " " + best.alpha()));
 * }</pre>
 */
public final class ProfileSearch {

    private static final double IMPROVEMENT = 2;

    /** Where a profile is highest, and on both sides of that. */
    private static final int PLACES = 3;

    private static final String GRADIENT = "gradient";

    private final SearchOptions options;
    private final ProfileTrials trials;

    private ProfileSearch(SearchOptions options, ProfileTrials trials) {
        this.options = options;
        this.trials = trials;
    }

    /**
     * Searches, knowing nothing.
     *
     * @param options   with {@link SearchOptions#profiles} or {@link SearchOptions#gradient}
     * @param evaluator what measures a profile at an alpha
     * @return all evaluations, and the best of them
     * @throws IOException if what the evaluator needs cannot be read or written
     */
    public static ProfileSearchResult run(SearchOptions options, ProfileEvaluator evaluator) throws IOException {
        return run(options, evaluator, List.of(), AlphaSearch.Listener.none());
    }

    /**
     * Searches. The evaluations that options allow are those of all profiles together, in equal shares; what one leaves
     * goes to those after it, and some are kept for comparing at last. A grid is evaluated for every profile, and for
     * four slopes of the gradient.
     *
     * @param options   with {@link SearchOptions#profiles} or {@link SearchOptions#gradient}
     * @param evaluator what measures a profile at an alpha
     * @param known     evaluations of an earlier search, which are not done again
     * @param listener  hears of every evaluation, on the calling thread
     * @return all evaluations, and the best of them
     * @throws IllegalArgumentException if there is nothing to try, or a guard is bounded that was not measured
     * @throws IOException              whatever the evaluator throws
     */
    public static ProfileSearchResult run(
            SearchOptions options, ProfileEvaluator evaluator, List<Evaluation> known, AlphaSearch.Listener listener)
            throws IOException {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(evaluator, "evaluator");
        Elements.require(known, "known");
        Objects.requireNonNull(listener, "listener");
        if (options.profiles().stream().allMatch(AlphaProfile.UNIFORM::equals) && !options.gradient()) {
            throw new IllegalArgumentException("neither profiles nor a gradient to try");
        }
        return new ProfileSearch(options, new ProfileTrials(options, evaluator, known, listener)).run();
    }

    private ProfileSearchResult run() throws IOException {
        List<AlphaProfile> profiles = options.profiles().stream()
                .filter(profile -> !profile.equals(AlphaProfile.UNIFORM))
                .distinct()
                .toList();
        int searches = 1 + profiles.size() + (options.gradient() ? 1 : 0);
        trials.reserve(Math.min(PLACES, trials.left() / (searches + 1)));
        SearchResult uniform = trials.search(AlphaProfile.UNIFORM, options, share(searches));
        Optional<Trial> start = start(uniform);
        SearchOptions fromBest = start.map(Trial::alpha)
                .filter(alpha -> alpha > 0 && alpha <= options.maxAlpha())
                .map(options::withStart)
                .orElse(options);
        List<Tried> all = new ArrayList<>();
        for (AlphaProfile profile : profiles) {
            searches--;
            SearchResult found = trials.search(profile, fromBest, share(searches));
            all.add(new Tried(profile.name(), trials.of(profile), found.edge(), found.end()));
        }
        if (options.gradient()) {
            GradientSearch gradient = new GradientSearch(options, trials);
            End end = start.isPresent() ? gradient.run(start.get()) : End.NOTHING_ALLOWED;
            all.add(new Tried(GRADIENT, gradient.looked(), Optional.empty(), end));
        }
        trials.reserve(0);
        return compared(uniform, all);
    }

    /** What may be evaluated by the next of so many searches. */
    private int share(int searches) {
        return (trials.left() + searches - 1) / searches;
    }

    /** Where the others begin: the highest score but for alpha 0. */
    private static Optional<Trial> start(SearchResult uniform) {
        return highest(uniform.trials().stream().filter(trial -> trial.alpha() != 0));
    }

    private static Optional<Trial> highest(Stream<Trial> trials) {
        return highestOfAll(trials.filter(Trial::isAllowed));
    }

    /** Of equal ones the one closest to 0, which changes the model least. */
    private static Optional<Trial> highestOfAll(Stream<Trial> trials) {
        return trials.max(
                Comparator.<Trial>comparingDouble(trial -> trial.score().mean())
                        .thenComparingDouble(trial -> -Math.abs(trial.alpha())));
    }

    /**
     * What another profile has to be above: the highest score of one alpha for all, beyond the bounds, too. Scores that
     * rise with the step, as margins of preferences do, are higher for the profile whose bound comes later, and that is
     * no advantage of its shares.
     */
    private static Optional<Trial> reference(SearchResult uniform) {
        return uniform.highest().flatMap(_ -> highestOfAll(uniform.trials().stream()));
    }

    /** What was looked at of a profile, or of the gradient; what its highest lies at, and why no more. */
    private record Tried(String name, List<Trial> looked, Optional<Edge> edge, End end) {

        Optional<Trial> highest() {
            return ProfileSearch.highest(looked.stream());
        }

        /** The alpha of the highest, and those next to it that were looked at. */
        List<Float> places() {
            float best = highest().orElseThrow().alpha();
            return Stream.of(
                            Stream.of(best),
                            alphas().filter(alpha -> alpha < best).max(Comparator.naturalOrder()).stream(),
                            alphas().filter(alpha -> alpha > best).min(Comparator.naturalOrder()).stream())
                    .flatMap(each -> each)
                    .toList();
        }

        private Stream<Float> alphas() {
            return looked.stream().map(Trial::alpha);
        }
    }

    /**
     * Before one may win, one alpha for all is looked at where that one is highest, and beside: it may be as good there
     * and never have been looked at.
     */
    private ProfileSearchResult compared(SearchResult firstUniform, List<Tried> all) throws IOException {
        SearchResult uniform = firstUniform;
        Set<Tried> unconfirmed = new HashSet<>();
        while (true) {
            ProfileSearchResult undecided = result(uniform, all, unconfirmed, Optional.empty());
            Optional<Tried> ahead = all.stream()
                    .filter(tried -> !unconfirmed.contains(tried) && isAhead(tried, undecided))
                    .max(Comparator.comparingDouble(
                            tried -> tried.highest().orElseThrow().score().mean()));
            if (ahead.isEmpty()) {
                return undecided;
            }
            List<Float> missing = ahead.get().places().stream()
                    .filter(alpha -> !trials.knows(AlphaProfile.UNIFORM, alpha))
                    .toList();
            if (missing.isEmpty() && uniform.end() != End.EVALUATIONS_USED) {
                return result(uniform, all, unconfirmed, ahead);
            }
            if (trials.left() < Math.max(1, missing.size())) {
                unconfirmed.add(ahead.get());
            } else {
                uniform = trials.searchOn(missing);
            }
        }
    }

    private boolean isAhead(Tried tried, ProfileSearchResult among) {
        return tried.highest()
                .filter(_ -> among.prompts() >= among.promptsNeeded())
                .filter(trial -> trial.difference().isAbove(IMPROVEMENT))
                .flatMap(trial -> reference(among.uniform()).map(other -> trials.advantage(trial, other)))
                .filter(gain -> gain.isAbove(among.errorsNeeded()))
                .isPresent();
    }

    private ProfileSearchResult result(
            SearchResult uniform, List<Tried> all, Set<Tried> unconfirmed, Optional<Tried> chosen) {
        List<Candidate> candidates = all.stream()
                .map(tried -> candidate(
                        tried,
                        uniform,
                        chosen.filter(tried::equals).isPresent()
                                ? Verdict.CHOSEN
                                : unconfirmed.contains(tried) ? Verdict.UNCONFIRMED : Verdict.NOT_CHOSEN))
                .toList();
        return new ProfileSearchResult(
                uniform,
                candidates,
                trials.prompts(),
                chosen.flatMap(Tried::highest).or(uniform::best));
    }

    private Candidate candidate(Tried tried, SearchResult uniform, Verdict verdict) {
        Optional<Trial> highest = tried.highest();
        Optional<Trial> reference = reference(uniform);
        Optional<Estimate> advantage = highest.flatMap(trial -> reference.map(other -> trials.advantage(trial, other)));
        Optional<Estimate> reported =
                highest.flatMap(trial -> reference.map(other -> trials.reportedAdvantage(trial, other)));
        return new Candidate(
                tried.name(), tried.looked(), highest, tried.edge(), advantage, reported, verdict, tried.end());
    }
}
