package io.github.expogguf.card;

import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The command lines that make and prove a file, from its recipe: files without their directories, which are nobody's
 * business.
 */
final class CommandLines {

    private CommandLines() {}

    /** Writes the same bytes again. */
    static String make(Recipe recipe, String file) {
        List<String> words =
                new ArrayList<>(List.of("expo-gguf", recipe.alpha().isPresent() ? "extrapolate" : "quantize"));
        words.addAll(inputs(recipe, true));
        recipe.alpha().ifPresent(alpha -> words.addAll(List.of("--alpha", Numbers.decimal(alpha))));
        for (String rule : recipe.rules()) {
            int space = rule.indexOf(' ');
            words.add(space < 0 ? rule : rule.substring(0, space));
            if (space >= 0) {
                words.add(rule.substring(space + 1));
            }
        }
        words.addAll(List.of("-o", file));
        return line(words);
    }

    /** Computes every byte again and compares. */
    static String verify(Recipe recipe, String file) {
        List<String> words = new ArrayList<>(List.of("expo-gguf", "verify", file));
        words.addAll(inputs(recipe, false));
        recipe.imatrixFile().ifPresent(name -> words.addAll(List.of("--imatrix", name)));
        return line(words);
    }

    /** @param withWeights of adapters and further differences, which 'verify' takes from the file */
    private static List<String> inputs(Recipe recipe, boolean withWeights) {
        List<String> words = new ArrayList<>();
        if (recipe.alpha().isEmpty()) {
            words.addAll(List.of("-m", recipe.models().aligned().name()));
        } else if (recipe.models().trajectory().isPresent()) {
            recipe.models()
                    .checkpoints()
                    .forEach(checkpoint -> words.addAll(List.of(
                            "--checkpoint",
                            Numbers.brief(checkpoint.step()) + "="
                                    + checkpoint.model().name())));
        } else {
            words.addAll(List.of("--sft", recipe.models().sft().orElseThrow().name()));
            if (recipe.models().adapters().isEmpty() || !recipe.alignedDigests().equals(recipe.sftDigests())) {
                words.addAll(List.of("--aligned", recipe.models().aligned().name()));
            }
        }
        recipe.models().aligned().template().ifPresent(template -> words.addAll(List.of("--like", template)));
        recipe.models()
                .adapters()
                .forEach(adapter -> words.addAll(List.of(
                        "--adapter",
                        adapter.model().name() + (withWeights ? "=" + Numbers.decimal(adapter.weight()) : ""))));
        recipe.models()
                .deltas()
                .forEach(delta -> words.addAll(List.of(
                        "--delta",
                        delta.sft().name() + "," + delta.aligned().name()
                                + (withWeights ? "," + Numbers.decimal(delta.weight()) : ""))));
        return words;
    }

    private static String line(List<String> words) {
        return words.stream().map(Escape::shellWord).collect(Collectors.joining(" "));
    }
}
