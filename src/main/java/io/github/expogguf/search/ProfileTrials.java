package io.github.expogguf.search;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The evaluations of a search over profiles; that of alpha 0 is of all. */
final class ProfileTrials {

    private final SearchOptions options;
    private final ProfileEvaluator evaluator;
    private final AlphaSearch.Listener listener;
    private final Map<AlphaProfile, Map<Float, Evaluation>> known = new HashMap<>();
    private final Map<AlphaProfile, TreeMap<Float, Evaluation>> looked = new LinkedHashMap<>();
    private final Trials differences;
    private int reserved;

    ProfileTrials(
            SearchOptions options, ProfileEvaluator evaluator, List<Evaluation> known, AlphaSearch.Listener listener) {
        this.options = options;
        this.evaluator = evaluator;
        this.listener = listener;
        this.differences = new Trials(options);
        known.stream()
                .filter(each -> AlphaSearch.isComplete(each, options))
                .forEach(each -> this.known
                        .computeIfAbsent(each.profile(), _ -> new HashMap<>())
                        .put(each.alpha(), each));
    }

    /** How many more may be evaluated; enough for a grid. */
    int left() {
        return options.alphas().isEmpty()
                ? Math.max(0, options.maxEvaluations() - reserved - count())
                : Integer.MAX_VALUE / 2;
    }

    /** Keeps so many evaluations for later. */
    void reserve(int evaluations) {
        reserved = evaluations;
    }

    /** How many there will be at most. */
    private int most() {
        if (options.alphas().isEmpty()) {
            return options.maxEvaluations();
        }
        Set<AlphaProfile> profiles = new HashSet<>(options.profiles());
        profiles.add(AlphaProfile.UNIFORM);
        if (options.gradient()) {
            AlphaProfile.SLOPES.forEach(slope -> profiles.add(AlphaProfile.gradient(slope)));
        }
        Set<Float> alphas = options.alphas().stream().map(alpha -> alpha + 0f).collect(Collectors.toSet());
        alphas.remove(0f);
        return 1 + profiles.size() * alphas.size();
    }

    private int count() {
        return looked.values().stream().mapToInt(Map::size).sum();
    }

    /** Searches the alpha of one profile; alpha 0 is evaluated once. */
    SearchResult search(AlphaProfile profile, SearchOptions from, int most) throws IOException {
        int shared = profile.equals(AlphaProfile.UNIFORM) ? 0 : 1; // alpha 0
        return AlphaSearch.run(ofOne(from, most + shared), alpha -> evaluation(profile, alpha));
    }

    /** Looks at one alpha for all tensors at these, then searches on from all that is known of it. */
    SearchResult searchOn(List<Float> alphas) throws IOException {
        for (float alpha : alphas) {
            look(AlphaProfile.UNIFORM, alpha);
        }
        Trials soFar = trials(AlphaProfile.UNIFORM);
        return AlphaSearch.goOn(
                ofOne(options, soFar.size() + left()), soFar, alpha -> evaluation(AlphaProfile.UNIFORM, alpha));
    }

    private static SearchOptions ofOne(SearchOptions options, int most) {
        return options.toBuilder()
                .profiles(List.of())
                .gradient(false)
                .maxEvaluations(Math.max(1, most))
                .build();
    }

    private Evaluation evaluation(AlphaProfile profile, float alpha) throws IOException {
        AlphaProfile of = alpha == 0 ? AlphaProfile.UNIFORM : profile;
        TreeMap<Float, Evaluation> here = looked.computeIfAbsent(of, _ -> new TreeMap<>());
        Evaluation earlier = here.get(alpha);
        if (earlier != null) {
            return earlier;
        }
        listener.turnsTo(of);
        listener.begins(alpha, count(), most());
        Evaluation before = known.getOrDefault(of, Map.of()).get(alpha);
        Evaluation evaluation = before == null ? evaluator.evaluate(of, alpha) : before;
        if (evaluation.alpha() != alpha || !evaluation.profile().equals(of)) {
            throw new IllegalStateException("asked for " + of.name() + " at alpha " + alpha + ", evaluated was "
                    + evaluation.profile().name() + " at " + evaluation.alpha());
        }
        here.put(alpha, evaluation);
        listener.ends(at(of, alpha));
        return evaluation;
    }

    /** Evaluates, unless that was done. */
    Trial look(AlphaProfile profile, float alpha) throws IOException {
        evaluation(profile, alpha);
        return at(profile, alpha);
    }

    /** What was evaluated of a profile, but for alpha 0. */
    List<Trial> of(AlphaProfile profile) {
        return trials(profile).all().stream()
                .filter(trial -> trial.alpha() != 0)
                .toList();
    }

    boolean knows(AlphaProfile profile, float alpha) {
        return looked.getOrDefault(profile, new TreeMap<>()).containsKey(alpha);
    }

    /** One that was evaluated. */
    Trial at(AlphaProfile profile, float alpha) {
        return trials(profile).at(alpha).orElseThrow();
    }

    private Trials trials(AlphaProfile profile) {
        Trials trials = new Trials(options);
        trials.add(aligned());
        looked.getOrDefault(profile, new TreeMap<>()).values().stream()
                .filter(evaluation -> evaluation.alpha() != 0)
                .forEach(trials::add);
        return trials;
    }

    /** How many prompts decide. */
    int prompts() {
        return differences.deciding(aligned().scores()).size();
    }

    private Evaluation aligned() {
        return looked.getOrDefault(AlphaProfile.UNIFORM, new TreeMap<>()).values().stream()
                .filter(evaluation -> evaluation.alpha() == 0)
                .findFirst()
                .orElseThrow();
    }

    Estimate advantage(Trial trial, Trial other) {
        return differences.advantage(trial, other);
    }

    Estimate reportedAdvantage(Trial trial, Trial other) {
        return differences.reportedAdvantage(trial, other);
    }
}
