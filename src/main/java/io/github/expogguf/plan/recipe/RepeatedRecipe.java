package io.github.expogguf.plan.recipe;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.options.PlanOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The recipe that a GGUF file carries, to make another file by it: of the same models, or of others.
 *
 * <pre>{@code
 * RepeatedRecipe recipe = RepeatedRecipe.read(model);
 * pair.write(recipe.options(), output, OutputOptions.defaults());
 * }</pre>
 *
 * <p>One that somebody wrote is a {@link WrittenRecipe}. Unmodifiable; any thread may read one.
 *
 * @param recipe the recipe
 * @param source name of the file, for messages
 */
public record RepeatedRecipe(Recipe recipe, String source) {
    /** Refuses null. */
    public RepeatedRecipe {
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(source, "source");
    }

    /**
     * {@return the recipe of a file}
     *
     * @param model the file, or any file of a set of shards
     * @throws IllegalArgumentException               if it carries none
     * @throws VerificationException                  if it carries an incomplete one
     * @throws io.github.expogguf.GgufFormatException if it is no GGUF file
     * @throws IOException                            if it cannot be read
     */
    public static RepeatedRecipe read(Path model) throws IOException {
        Objects.requireNonNull(model, "model");
        try (GgufModel opened = GgufModel.open(model)) {
            return of(opened.header().metadata(), model.toString());
        }
    }

    /**
     * {@return the recipe in metadata}
     *
     * @param metadata metadata of a model's file
     * @param source   name of the file, for messages
     * @throws IllegalArgumentException if there is none
     * @throws VerificationException    if there is an incomplete one
     */
    public static RepeatedRecipe of(Metadata metadata, String source) {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(source, "source");
        Recipe recipe = Recipe.read(metadata)
                .orElseThrow(() -> new IllegalArgumentException(source + " carries no recipe (expo.*)"));
        return new RepeatedRecipe(recipe, source);
    }

    /**
     * {@return the options that a file was planned with which was made without an importance matrix: alpha, types,
     * rules, everything} The evidence for its alpha is that of its models, and stays with them.
     *
     * @throws IllegalArgumentException if it was made with an importance matrix
     * @throws VerificationException    if its rules cannot be read
     */
    public PlanOptions options() {
        if (recipe.usesImatrix()) {
            throw new IllegalArgumentException(source + " was made with the importance matrix "
                    + recipe.imatrixFile().orElse("of a program") + "; give it again");
        }
        return optionsWithoutImatrix();
    }

    /**
     * Same, with an importance matrix; where the file was made without, any will do.
     *
     * @param imatrix file of the importance matrix
     * @return the options
     * @throws IllegalArgumentException if it was made with another one
     * @throws VerificationException    if its rules cannot be read
     * @throws IOException              if the importance matrix cannot be read
     */
    public PlanOptions options(Path imatrix) throws IOException {
        Imatrix read = readImatrix(imatrix);
        return optionsWithoutImatrix().toBuilder().imatrix(read).build();
    }

    /**
     * Same but for the importance matrix.
     *
     * @return the options
     * @throws VerificationException if its rules cannot be read
     */
    public PlanOptions optionsWithoutImatrix() {
        return recipe.optionsWithoutImatrix().withEvidence(Map.of());
    }

    /**
     * Reads the importance matrix, and makes sure that it is the one; where the file was made without, any will do.
     *
     * @param imatrix the file
     * @return the matrix
     * @throws IllegalArgumentException if the file was made with another one
     * @throws IOException              if it cannot be read
     */
    public Imatrix readImatrix(Path imatrix) throws IOException {
        Objects.requireNonNull(imatrix, "imatrix");
        Imatrix read = ImatrixReader.read(imatrix);
        Optional<String> digest = read.source().map(Imatrix.Source::sha256);
        Optional<String> expected = recipe.imatrixDigest();
        if (expected.isPresent() && !expected.equals(digest)) {
            throw new IllegalArgumentException(imatrix + ": another importance matrix than " + source
                    + " was made with: SHA-256 " + digest.orElse("unknown") + ", expected " + expected.get());
        }
        return read;
    }
}
