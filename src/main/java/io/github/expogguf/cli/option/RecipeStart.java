package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.Converters.TypeChoice;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param source  name of its file, for messages
 */
record RecipeStart(
        Optional<List<Float>> alphas,
        Optional<List<TypeChoice>> types,
        PlanOptions options,
        Optional<Path> imatrix,
        Optional<Recipe> repeats,
        String source) {

    /** Without {@code --recipe}. */
    static final RecipeStart NOTHING = new RecipeStart(
            Optional.empty(), Optional.empty(), PlanOptions.builder().build(), Optional.empty(), Optional.empty(), "");

    /** The recipe in the metadata of a file; the evidence for its alpha is another pair's, and stays there. */
    static RecipeStart repeat(Recipe recipe, String source) {
        PlanOptions options = recipe.optionsWithoutImatrix().withEvidence(Map.of());
        return new RecipeStart(
                recipe.alpha().map(List::of),
                Optional.of(List.of(new TypeChoice(options.fileType()))),
                options,
                Optional.empty(),
                Optional.of(recipe),
                source);
    }

    /** Same, with further differences that are accepted. */
    RecipeStart accepting(Set<String> keys) {
        Set<String> accepted = new LinkedHashSet<>(options.acceptedDifferences());
        accepted.addAll(keys);
        return new RecipeStart(
                alphas, types, options.toBuilder().acceptedDifferences(accepted).build(), imatrix, repeats, source);
    }

    /**
     * The importance matrix.
     *
     * @param given on the command line, or null
     * @throws IllegalArgumentException if an existing file was made with another one, or with one and there is none
     */
    Optional<Imatrix> readImatrix(@Nullable Path given) throws IOException {
        Optional<Path> path = Optional.ofNullable(given).or(() -> imatrix);
        if (path.isEmpty()) {
            if (repeats.isPresent() && repeats.get().usesImatrix()) {
                throw new IllegalArgumentException(source + " was made with the importance matrix "
                        + repeats.get().imatrixFile().orElse("of a program") + "; give it again with --imatrix");
            }
            return Optional.empty();
        }
        Imatrix read = ImatrixReader.read(path.get());
        Optional<String> digest = read.source().map(Imatrix.Source::sha256);
        Optional<String> expected = repeats.flatMap(Recipe::imatrixDigest);
        if (expected.isPresent() && !expected.equals(digest)) {
            throw new IllegalArgumentException(path.get() + ": another importance matrix than " + source
                    + " was made with: SHA-256 " + digest.orElse("unknown") + ", expected " + expected.get());
        }
        return Optional.of(read);
    }
}
