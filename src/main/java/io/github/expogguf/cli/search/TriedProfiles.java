package io.github.expogguf.cli.search;

import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.SearchOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Which profiles make models of their own of a pair, beside the rules that the command gives to all. */
final class TriedProfiles {

    private final Extrapolator pair;
    private final PlanOptions recipe;

    private TriedProfiles(Extrapolator pair, PlanOptions recipe) {
        this.pair = pair;
        this.recipe = recipe;
    }

    /**
     * {@return the options without profiles that make the models of others}
     *
     * @param recipe the rules of all models
     * @param notes  what is left out, a line each
     * @throws IllegalArgumentException if nothing is left of what was to be tried
     */
    static SearchOptions of(Extrapolator pair, PlanOptions recipe, SearchOptions options, Consumer<String> notes) {
        return new TriedProfiles(pair, recipe).left(options, notes);
    }

    private SearchOptions left(SearchOptions options, Consumer<String> notes) {
        if (options.profiles().isEmpty() && !options.gradient()) {
            return options;
        }
        Map<List<Float>, AlphaProfile> made = new HashMap<>();
        made.put(alphas(AlphaProfile.UNIFORM), AlphaProfile.UNIFORM);
        List<AlphaProfile> left = new ArrayList<>();
        for (AlphaProfile profile : options.profiles()) {
            AlphaProfile same = made.putIfAbsent(alphas(profile), profile);
            if (same == null) {
                left.add(profile);
            } else if (same.rules().isEmpty() && !profile.rules().isEmpty()) {
                notes.accept(profile.name() + " is not tried: it changes the alpha of no tensor, " + before());
            } else if (!same.rules().isEmpty()) {
                notes.accept(profile.name() + " is tried once, as " + same.name()
                        + ": every tensor has the same alpha with both");
            }
        }
        boolean hasGradient = options.gradient() && !made.containsKey(alphas(AlphaProfile.gradient(1)));
        if (options.gradient() && !hasGradient) {
            notes.accept("no gradient is tried: it changes the alpha of no tensor, " + before());
        }
        if (left.isEmpty() && !hasGradient) {
            throw new IllegalArgumentException("nothing is left to try beside one alpha for all tensors, " + before());
        }
        return options.toBuilder().profiles(left).gradient(hasGradient).build();
    }

    private String before() {
        return recipe.alphaRules().isEmpty()
                ? "as this model has none that it is about"
                : "as the rules of the command come first (--rule)";
    }

    /** The alphas of the tensors where that of the model is 1. */
    private List<Float> alphas(AlphaProfile profile) {
        List<TensorAlphaRule> rules = new ArrayList<>(recipe.alphaRules());
        rules.addAll(profile.rules());
        PlanOptions asked = recipe.toBuilder().alphaRules(rules).build().withAlpha(1);
        return pair.plan(asked).tasks().stream()
                .map(task -> task instanceof TensorTask.Extrapolate extrapolated ? extrapolated.alpha() : 0f)
                .toList();
    }
}
