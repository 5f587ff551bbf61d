package io.github.expogguf.cli.search;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileEvaluator;
import io.github.expogguf.search.ProfileSearch;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A search on made-up numbers, with answers that try to break out of a page. */
final class SearchReports {

    static final String HOSTILE = "</style></p><script>alert('x')</script> \"&amp;\" \u0000 \u001b[31m";
    private static final int PROMPTS = 40;

    private SearchReports() {}

    static SearchReport bracketing(boolean holdout) throws IOException {
        SearchOptions options = SearchOptions.bracketing()
                .withBounds(List.of(GuardBound.atMost("length", 1.3), GuardBound.atMost("kl", 0.5)))
                .withHoldout(holdout);
        return of(options, 2);
    }

    static SearchReport withProfiles() throws IOException {
        SearchOptions options = SearchOptions.builder()
                .bounds(List.of(GuardBound.atMost("kl", 0.5)))
                .profiles(List.of(AlphaProfile.parse("no-norms"), AlphaProfile.parse("attention-half")))
                .gradient(true)
                .maxEvaluations(40)
                .build();
        return of(options, 2);
    }

    /** A profile is far better, and nothing is left to look at one alpha for all beside it. */
    static SearchReport cutBeforeComparing() throws IOException {
        SearchOptions options = SearchOptions.builder()
                .profiles(List.of(AlphaProfile.parse("depth")))
                .maxEvaluations(5)
                .build();
        return of(
                options,
                1,
                (profile, alpha) ->
                        better(evaluate(profile, alpha, 1), profile.rules().isEmpty() ? 0 : 2));
    }

    /** Two alphas whose scores are the same. */
    static SearchReport plateau() throws IOException {
        return of(
                SearchOptions.grid(1, 2),
                1,
                (_, alpha) -> better(at(alpha, evaluate(AlphaProfile.UNIFORM, 0, 1)), alpha == 0 ? 0 : 1));
    }

    /** Of which each lies by 0.2 % of the SFT model's norm for each alpha, and the aligned one by 0.4 %. */
    static SearchReport withDistance() throws IOException {
        return of(
                SearchOptions.grid(1, 2).withBounds(List.of(GuardBound.atMost(Measurements.DISTANCE, 0.007))),
                1,
                (profile, alpha) -> {
                    Evaluation found = evaluate(profile, alpha, 1);
                    return new Evaluation(
                            alpha,
                            found.scores(),
                            Map.of(Measurements.DISTANCE, 0.004 + 0.002 * alpha),
                            found.answers(),
                            profile);
                });
    }

    private static Evaluation at(float alpha, Evaluation of) {
        return new Evaluation(alpha, of.scores(), of.guards(), of.answers(), of.profile());
    }

    private static Evaluation better(Evaluation evaluation, double gain) {
        return new Evaluation(
                evaluation.alpha(),
                evaluation.scores().stream().map(score -> score + gain).toList(),
                evaluation.guards(),
                evaluation.answers(),
                evaluation.profile());
    }

    static SearchReport of(SearchOptions options, int answersPerPrompt) throws IOException {
        return of(options, answersPerPrompt, (profile, alpha) -> evaluate(profile, alpha, answersPerPrompt));
    }

    private static SearchReport of(SearchOptions options, int answersPerPrompt, ProfileEvaluator evaluator)
            throws IOException {
        Optional<ProfileSearchResult> profiles =
                options.profiles().isEmpty() ? Optional.empty() : Optional.of(ProfileSearch.run(options, evaluator));
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("sft", "sft<b>.gguf");
        inputs.put("aligned", "aligned.gguf (fingerprint 0123456789abcdef)");
        inputs.put("weights", "--type Q4_K_M");
        return new SearchReport(
                "reward",
                inputs,
                Optional.empty(),
                answersPerPrompt,
                options,
                profiles.isPresent()
                        ? profiles.get().uniform()
                        : AlphaSearch.run(options, alpha -> evaluator.evaluate(AlphaProfile.UNIFORM, alpha)),
                profiles,
                83_000_000_000L);
    }

    private static Evaluation evaluate(AlphaProfile profile, float alpha, int answersPerPrompt) {
        Random difficulty = new Random(1);
        Random luck = new Random(Float.floatToIntBits(alpha) + profile.hashCode());
        List<Double> scores = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            double place = Math.log1p(alpha * 10);
            scores.add(2 + difficulty.nextGaussian() + 0.2 * luck.nextGaussian() + place * (5 - place) / 10);
            Prompt prompt = Prompt.of("What is " + i + "? " + HOSTILE);
            for (int j = 0; j < answersPerPrompt; j++) {
                String text = "At alpha %s it is %d, the %d. time. %s".formatted(alpha, i, j + 1, HOSTILE);
                answers.add(new Answer(prompt, text, 9, alpha > 3));
            }
        }
        Map<String, Double> guards = new LinkedHashMap<>();
        guards.put("perplexity", alpha > 4 ? Double.POSITIVE_INFINITY : 7 + 0.3 * alpha);
        guards.put("kl", 0.02 * alpha * alpha);
        guards.put("length", 1 + alpha / 20.0);
        guards.put("cut-off", alpha == 1 ? -5e-10 : 0);
        return new Evaluation(alpha, scores, guards, answers, profile);
    }
}
