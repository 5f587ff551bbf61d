package io.github.expogguf.cli.option.recipe;

import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.plan.recipe.WrittenRecipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --recipe} says; the command line changes it.
 *
 * @param alphas  weights of the delta; empty if it says none
 * @param types   types of the outputs; empty if it says none
 * @param options everything else
 * @param imatrix file of the importance matrix; empty if there is none, or it has to be given again
 * @param repeats the recipe of an existing file, whose importance matrix has to be the same; empty for one that was
 *                typed
 */
public record RecipeStart(
        Optional<List<Float>> alphas,
        Optional<List<TypeChoice>> types,
        PlanOptions options,
        Optional<Path> imatrix,
        Optional<RepeatedRecipe> repeats) {

    /** Without {@code --recipe}. */
    public static final RecipeStart NOTHING = new RecipeStart(
            Optional.empty(), Optional.empty(), PlanOptions.builder().build(), Optional.empty(), Optional.empty());

    /** A recipe that was typed. */
    static RecipeStart of(WrittenRecipe written) {
        return new RecipeStart(
                written.alphas().isEmpty() ? Optional.empty() : Optional.of(written.alphas()),
                written.types().isEmpty() ? Optional.empty() : Optional.of(written.types()),
                written.options(),
                written.imatrix(),
                Optional.empty());
    }

    /** The recipe of an existing file. */
    static RecipeStart repeat(RepeatedRecipe repeated) {
        PlanOptions options = repeated.optionsWithoutImatrix();
        return new RecipeStart(
                repeated.recipe().alpha().map(List::of),
                Optional.of(List.of(new TypeChoice(options.fileType()))),
                options,
                Optional.empty(),
                Optional.of(repeated));
    }

    /** Same, with further differences that are accepted. */
    public RecipeStart accepting(Set<String> keys) {
        Set<String> accepted = new LinkedHashSet<>(options.acceptedDifferences());
        accepted.addAll(keys);
        return new RecipeStart(
                alphas, types, options.toBuilder().acceptedDifferences(accepted).build(), imatrix, repeats);
    }

    /** Same, with another rank. */
    public RecipeStart withRank(int rank) {
        return new RecipeStart(alphas, types, options.toBuilder().rank(rank).build(), imatrix, repeats);
    }

    /** Same, with another step that is predicted, if there is one. */
    public RecipeStart withStep(OptionalDouble step) {
        return step.isEmpty()
                ? this
                : new RecipeStart(
                        alphas,
                        types,
                        options.toBuilder().toStep(step.getAsDouble()).build(),
                        imatrix,
                        repeats);
    }

    /**
     * The importance matrix.
     *
     * @param given on the command line, or null
     * @throws IllegalArgumentException if an existing file was made with another one, or with one and there is none
     */
    public Optional<Imatrix> readImatrix(@Nullable Path given) throws IOException {
        Optional<Path> path = Optional.ofNullable(given).or(() -> imatrix);
        if (repeats.isEmpty()) {
            return path.isEmpty() ? Optional.empty() : Optional.of(ImatrixReader.read(path.get()));
        }
        if (path.isPresent()) {
            return Optional.of(repeats.get().readImatrix(path.get()));
        }
        try {
            if (repeats.get().recipe().usesImatrix()) {
                repeats.get().options(); // says which is missing
            }
            return Optional.empty();
        } catch (IllegalArgumentException missing) {
            throw new IllegalArgumentException(missing.getMessage() + " with --imatrix", missing);
        }
    }
}
