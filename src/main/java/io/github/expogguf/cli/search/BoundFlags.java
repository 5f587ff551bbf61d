package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.value.Limit;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that keep a search from alphas at which a model goes astray, however well it scores. */
final class BoundFlags {

    @Option(
            names = "--max-length-ratio",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Most mean tokens of an answer, by those of the aligned model. Without a judge: 1.3.")
    private @Nullable Limit length;

    @Option(
            names = "--max-kl",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Most divergence from the aligned model, in nats per token. Without a judge: 0.2.")
    private @Nullable Limit kl;

    @Option(
            names = "--max-distance",
            paramLabel = "X%|off",
            order = 14,
            converter = Limit.ToDistance.class,
            description = "Farthest from the SFT model, as a share of its norm. Without a judge: 1.4%%, or half as far"
                    + " again as the aligned model if that is more.")
    private @Nullable Limit distance;

    @Option(
            names = "--max-accuracy-fall",
            paramLabel = "N|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Standard errors by which the accuracy on --preferences may be below that of an alpha closer"
                    + " to 0, where their margin is the score. Default: 1.")
    private @Nullable Limit accuracyFall;

    @Option(
            names = "--min-top1",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToShare.class,
            description = "Least share of positions where the aligned model finds the same token most likely.")
    private @Nullable Limit top1;

    @Option(
            names = "--max-repetition",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Largest share of repeated runs of four words in an answer. Without a judge: 0.05 more than"
                    + " the aligned model's.")
    private @Nullable Limit repetition;

    @Option(
            names = "--max-cut-off",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Largest share of answers that the limit of tokens ended. Without a judge: 0.05 more than the"
                    + " aligned model's.")
    private @Nullable Limit cutOff;

    @Option(
            names = "--max-perplexity",
            paramLabel = "X|off",
            order = 14,
            converter = Limit.ToLimit.class,
            description = "Largest perplexity of --text.")
    private @Nullable Limit perplexity;

    /** Whether the distance is spoken of. */
    boolean hasDistance() {
        return distance != null;
    }

    /**
     * The bounds that were given, and without a judge those that keep a search from lost models.
     *
     * @param measurements what will be measured
     * @param hasJudge     whether something scores the answers
     * @param aligned      distance of the aligned model
     * @throws IllegalArgumentException if a guard is bounded that will not be measured
     */
    List<GuardBound> bounds(Measurements measurements, boolean hasJudge, OptionalDouble aligned) {
        Map<String, GuardBound> bounds = new LinkedHashMap<>();
        if (!hasJudge) {
            GuardBound.withoutJudge(measurements, aligned).forEach(bound -> bounds.put(bound.guard(), bound));
        }
        List<String> measured = new ArrayList<>(measurements.guards());
        measured.add(Measurements.DISTANCE);
        set(bounds, measured, "length", length, GuardBound::atMost);
        set(bounds, measured, "kl", kl, GuardBound::atMost);
        set(bounds, measured, "repetition", repetition, GuardBound::atMost);
        set(bounds, measured, "cut-off", cutOff, GuardBound::atMost);
        set(bounds, measured, "perplexity", perplexity, GuardBound::atMost);
        set(bounds, measured, "top1", top1, GuardBound::atLeast);
        set(bounds, measured, Measurements.DISTANCE, distance, GuardBound::atMost);
        if (accuracyFall != null && hasJudge) {
            throw new IllegalArgumentException("--max-accuracy-fall is for scores by preferences");
        }
        set(bounds, measured, "accuracy", accuracyFall, (_, errors) -> GuardBound.accuracyHolds(errors));
        return List.copyOf(bounds.values());
    }

    /** What keeps a search without a judge from models that are lost, and how to go on without it. */
    static String note(List<GuardBound> bounds) {
        return "no judge: the alpha has to keep "
                + bounds.stream().map(BoundFlags::text).collect(Collectors.joining(", "))
                + " (each has an option, 'off' lifts it)";
    }

    private static String text(GuardBound bound) {
        String limit = SearchTable.limit(bound);
        return bound.guard()
                + switch (bound.side()) {
                    case AT_MOST -> " <= " + limit;
                    case AT_LEAST -> " >= " + limit;
                    case RISES_AT_MOST -> " <= alpha 0's + " + limit;
                    case FALLS_WITHIN_ERRORS ->
                        " within " + limit + " " + Words.noun(bound.limit() == 1 ? 1 : 2, "standard error")
                                + " of its best";
                };
    }

    private interface ToBound {
        GuardBound of(String guard, double limit);
    }

    private static void set(
            Map<String, GuardBound> bounds, List<String> measured, String guard, @Nullable Limit limit, ToBound bound) {
        if (limit == null) {
            return;
        }
        bounds.remove(guard);
        if (limit.value().isPresent()) {
            if (!measured.contains(guard)) {
                throw new IllegalArgumentException("the bound on " + guard + " needs "
                        + switch (guard) {
                            case "perplexity" -> "--text";
                            case "accuracy" -> "--preferences";
                            default -> "--prompts";
                        });
            }
            bounds.put(guard, bound.of(guard, limit.value().getAsDouble()));
        }
    }
}
