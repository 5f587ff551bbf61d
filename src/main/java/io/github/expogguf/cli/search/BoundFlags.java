package io.github.expogguf.cli.search;

import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that keep a search from alphas at which a model goes astray, however well it scores. */
final class BoundFlags {

    private static final String OFF = "off";

    @Option(
            names = "--max-length-ratio",
            paramLabel = "X|off",
            order = 14,
            converter = ToLimit.class,
            description = "Most mean tokens of an answer, by those of the aligned model. Without a judge: 1.3.")
    private @Nullable Limit length;

    @Option(
            names = "--max-kl",
            paramLabel = "X|off",
            order = 14,
            converter = ToLimit.class,
            description = "Most divergence from the aligned model, in nats per token. Without a judge: 0.2.")
    private @Nullable Limit kl;

    @Option(
            names = "--max-distance",
            paramLabel = "X%|off",
            order = 14,
            converter = ToDistance.class,
            description = "Farthest from the SFT model, as a share of its norm. Without a judge: 1.4%%, or half as far"
                    + " again as the aligned model if that is more.")
    private @Nullable Limit distance;

    @Option(
            names = "--max-accuracy-fall",
            paramLabel = "N|off",
            order = 14,
            converter = ToLimit.class,
            description = "Standard errors by which the accuracy on --preferences may be below that of an alpha closer"
                    + " to 0, where their margin is the score. Default: 1.")
    private @Nullable Limit accuracyFall;

    @Option(
            names = "--min-top1",
            paramLabel = "X|off",
            order = 14,
            converter = ToShare.class,
            description = "Least share of positions where the aligned model finds the same token most likely.")
    private @Nullable Limit top1;

    @Option(
            names = "--max-repetition",
            paramLabel = "X|off",
            order = 14,
            converter = ToLimit.class,
            description = "Largest share of repeated runs of four words in an answer. Without a judge: 0.05 more than"
                    + " the aligned model's.")
    private @Nullable Limit repetition;

    @Option(
            names = "--max-cut-off",
            paramLabel = "X|off",
            order = 14,
            converter = ToLimit.class,
            description = "Largest share of answers that the limit of tokens ended. Without a judge: 0.05 more than the"
                    + " aligned model's.")
    private @Nullable Limit cutOff;

    @Option(
            names = "--max-perplexity",
            paramLabel = "X|off",
            order = 14,
            converter = ToLimit.class,
            description = "Largest perplexity of --text.")
    private @Nullable Limit perplexity;

    /** @param value empty for no bound, not even that without a word */
    record Limit(OptionalDouble value) {}

    static final class ToLimit implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            return limit(text, Double::parseDouble, "is neither a number nor off");
        }
    }

    static final class ToShare implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            Limit limit = new ToLimit().convert(text);
            if (limit.value().orElse(0) > 1) {
                throw new TypeConversionException(Escape.quote(text) + " is above 1, expected a share");
            }
            return limit;
        }
    }

    static final class ToDistance implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            return limit(text, BoundFlags::share, "is neither a percentage, as 2%, nor off");
        }
    }

    private static Limit limit(String text, Function<String, Double> number, String otherwise) {
        if (text.equals(OFF)) {
            return new Limit(OptionalDouble.empty());
        }
        try {
            double value = number.apply(text);
            if (value >= 0 && value < Double.POSITIVE_INFINITY) {
                return new Limit(OptionalDouble.of(value));
            }
            if (value < 0) {
                throw new TypeConversionException(Escape.quote(text) + " is below 0");
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new TypeConversionException(Escape.quote(text) + " " + otherwise);
    }

    private static double share(String text) {
        if (!text.endsWith("%")) {
            throw new NumberFormatException(text);
        }
        return Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
    }

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
