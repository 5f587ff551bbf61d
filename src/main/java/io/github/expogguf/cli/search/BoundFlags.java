package io.github.expogguf.cli.search;

import io.github.expogguf.search.GuardBound;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that keep a search from alphas at which a model goes astray, however well it scores. */
final class BoundFlags {

    @Option(
            names = "--max-length-ratio",
            paramLabel = "X",
            order = 15,
            description = "Most mean tokens of an answer, by those of the aligned model: 1.3, say.")
    private @Nullable Double length;

    @Option(
            names = "--max-kl",
            paramLabel = "X",
            order = 16,
            description = "Most divergence from the aligned model, in nats per token.")
    private @Nullable Double kl;

    @Option(
            names = "--min-top1",
            paramLabel = "X",
            order = 17,
            description = "Least share of positions where the aligned model finds the same token most likely.")
    private @Nullable Double top1;

    @Option(
            names = "--max-repetition",
            paramLabel = "X",
            order = 18,
            description = "Largest share of repeated runs of four words in an answer.")
    private @Nullable Double repetition;

    @Option(
            names = "--max-cut-off",
            paramLabel = "X",
            order = 18,
            description = "Largest share of answers that the limit of tokens ended.")
    private @Nullable Double cutOff;

    @Option(names = "--max-perplexity", paramLabel = "X", order = 19, description = "Largest perplexity of --text.")
    private @Nullable Double perplexity;

    /**
     * The bounds that were given.
     *
     * @param measured names of the guards that will be measured
     * @throws IllegalArgumentException if another one is bounded
     */
    List<GuardBound> bounds(List<String> measured) {
        List<GuardBound> bounds = new ArrayList<>();
        add(bounds, "length", length);
        add(bounds, "kl", kl);
        add(bounds, "repetition", repetition);
        add(bounds, "cut-off", cutOff);
        add(bounds, "perplexity", perplexity);
        if (top1 != null) {
            bounds.add(GuardBound.atLeast("top1", top1));
        }
        for (GuardBound bound : bounds) {
            if (!measured.contains(bound.guard())) {
                throw new IllegalArgumentException("the bound on " + bound.guard() + " needs "
                        + (bound.guard().equals("perplexity") ? "--text" : "--prompts"));
            }
        }
        return bounds;
    }

    private static void add(List<GuardBound> bounds, String guard, @Nullable Double limit) {
        if (limit != null) {
            bounds.add(GuardBound.atMost(guard, limit));
        }
    }
}
