package io.github.expogguf.search;

import io.github.expogguf.search.ProfileSearchResult.Candidate;
import io.github.expogguf.search.SearchResult.End;
import io.github.expogguf.text.Elements;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out whether alpha does better where tensors get different shares of it: one alpha for all first, as
 * {@link AlphaSearch} does, then each profile from the best alpha on, then the gradient over the depth, by compass
 * search over slope and alpha. What is found has to be better by more than chance, {@link ProfileSearchResult}.
 *
 * <pre>{@code
 * SearchOptions options = SearchOptions.builder().profiles(List.of(AlphaProfile.parse("depth"))).build();
 * ProfileSearchResult result = ProfileSearch.run(options, (profile, alpha) -> measure(profile, alpha));
 * result.best().ifPresent(best -> System.out.println(best.evaluation().profile().name() + " " + best.alpha()));
 * }</pre>
 */
public final class ProfileSearch {

    private static final double IMPROVEMENT = 2;
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
     * goes to those after it. A grid is evaluated for every profile, and for four slopes of the gradient.
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
        if (options.profiles().isEmpty() && !options.gradient()) {
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
        SearchResult uniform = trials.search(AlphaProfile.UNIFORM, options, share(searches));
        Optional<Trial> start = start(uniform);
        SearchOptions fromBest = start.map(Trial::alpha)
                .filter(alpha -> alpha > 0 && alpha <= options.maxAlpha())
                .map(options::withStart)
                .orElse(options);
        List<Candidate> candidates = new ArrayList<>();
        for (AlphaProfile profile : profiles) {
            searches--;
            End end = trials.search(profile, fromBest, share(searches)).end();
            candidates.add(candidate(profile.name(), trials.of(profile), uniform, end));
        }
        if (options.gradient()) {
            GradientSearch gradient = new GradientSearch(options, trials);
            End end = start.isPresent() ? gradient.run(start.get()) : End.NOTHING_ALLOWED;
            candidates.add(candidate(GRADIENT, gradient.looked(), uniform, end));
        }
        return chosen(uniform, candidates);
    }

    /** What may be evaluated by the next of so many searches. */
    private int share(int searches) {
        return (trials.left() + searches - 1) / searches;
    }

    /** Where the others begin: the highest score but for alpha 0. */
    private static Optional<Trial> start(SearchResult uniform) {
        return uniform.trials().stream()
                .filter(trial -> trial.alpha() != 0 && trial.isAllowed())
                .max(Comparator.comparingDouble(trial -> trial.score().mean()));
    }

    private Candidate candidate(String name, List<Trial> looked, SearchResult uniform, End end) {
        Optional<Trial> highest = looked.stream()
                .filter(Trial::isAllowed)
                .max(Comparator.comparingDouble(trial -> trial.score().mean()));
        Optional<Trial> reference = uniform.highest();
        Optional<Estimate> advantage = highest.flatMap(trial -> reference.map(other -> trials.advantage(trial, other)));
        Optional<Estimate> reported =
                highest.flatMap(trial -> reference.map(other -> trials.reportedAdvantage(trial, other)));
        return new Candidate(name, looked, highest, advantage, reported, end);
    }

    private static ProfileSearchResult chosen(SearchResult uniform, List<Candidate> candidates) {
        ProfileSearchResult undecided = new ProfileSearchResult(uniform, candidates, uniform.best());
        double errors = undecided.errorsNeeded();
        Optional<Trial> better = candidates.stream()
                .filter(candidate -> candidate
                        .advantage()
                        .filter(gain -> gain.isAbove(errors))
                        .isPresent())
                .flatMap(candidate -> candidate.highest().stream())
                .filter(trial -> trial.difference().isAbove(IMPROVEMENT))
                .max(Comparator.comparingDouble(trial -> trial.score().mean()));
        return new ProfileSearchResult(uniform, candidates, better.or(uniform::best));
    }
}
