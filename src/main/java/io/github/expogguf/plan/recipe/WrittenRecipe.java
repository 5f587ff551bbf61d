package io.github.expogguf.plan.recipe;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A recipe that somebody wrote: keys, each with a value, a list of values, or further keys with a value each.
 *
 * <pre>{@code
 * {"alpha": [0.3, 0.5], "type": "Q4_K_M", "rules": {"norm": "copy", "ffn": "*0.5..1.5"}}
 * }</pre>
 *
 * <p>The keys are
 *
 * <pre>
 * alpha  type  rules  profile  tensor-types  output-tensor-type  token-embedding-type  pure  leave-output-tensor
 * override-kv  accept-difference  drop-mtp  rank  to  rounding (auto, nearest or stochastic)  seed  imatrix
 * chat-template
 * </pre>
 *
 * <p>where the last two name files beside the recipe. Rules of profiles come after the others. Unmodifiable.
 *
 * @param alphas  weights of the delta, one for each output; empty if it says none
 * @param types   types of the outputs; empty if it says none
 * @param options everything else, with alpha 0 and without the importance matrix
 * @param imatrix file of the importance matrix, which is not read here
 */
public record WrittenRecipe(List<Float> alphas, List<TypeChoice> types, PlanOptions options, Optional<Path> imatrix) {

    /** Copies the lists. */
    public WrittenRecipe {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(imatrix, "imatrix");
        alphas = Elements.copy(alphas, "alphas");
        types = Elements.copy(types, "types");
    }

    /**
     * What a tree of values says, as a reader of JSON, YAML or TOML makes it.
     *
     * @param tree      keys, in their order, to values: texts, numbers, truth values, {@link List}s and {@link Map}s of
     *                  these
     * @param directory that file names in it start from
     * @return the recipe
     * @throws RecipeKeyException       if there is no such key, or it cannot have this value
     * @throws IllegalArgumentException if keys do not go with each other
     * @throws PromptException          if the file of a chat template has none
     * @throws IOException              if that file cannot be read
     */
    public static WrittenRecipe of(Map<String, ?> tree, Path directory) throws IOException {
        Elements.requireKeys(tree, "tree");
        Objects.requireNonNull(directory, "directory");
        RecipeTree read = RecipeTree.read(tree, directory);
        return new WrittenRecipe(read.alphas(), read.types(), read.options(), read.imatrix());
    }

    /**
     * The recipe in a JSON file, UTF-8. No key may be there twice.
     *
     * @param file a file
     * @return the recipe
     * @throws IllegalArgumentException if it is no recipe; names the file, the line and the key
     * @throws PromptException          if it is no JSON object, has a key twice, or the file of a chat template has no
     *                                  template
     * @throws IOException              if a file cannot be read
     */
    public static WrittenRecipe readJson(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        String name = TextFile.nameOf(file);
        Map<String, Integer> lines = new HashMap<>();
        Map<String, ?> tree = StrictJson.uniqueObject(TextFile.read(file), name, lines);
        try {
            return of(tree, directoryOf(file));
        } catch (RecipeKeyException wrong) {
            throw new IllegalArgumentException(
                    name + ":" + lines.getOrDefault(wrong.key(), 1) + ": '" + Escape.text(wrong.key()) + "': "
                            + wrong.getMessage(),
                    wrong);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(name + ": " + wrong.getMessage(), wrong);
        }
    }

    /**
     * The options of every output: each alpha with each type, in this order, and with the importance matrix, which is
     * read.
     *
     * @return options, one for each output
     * @throws IllegalStateException if the recipe says neither an alpha nor a step to predict, whose alpha is 1
     * @throws IOException           if the importance matrix cannot be read
     */
    public List<PlanOptions> outputs() throws IOException {
        if (alphas.isEmpty() && options.toStep().isEmpty()) {
            throw new IllegalStateException("the recipe says no alpha");
        }
        PlanOptions.Builder builder = options.toBuilder();
        if (imatrix.isPresent()) {
            builder.imatrix(ImatrixReader.read(imatrix.get()));
        }
        List<PlanOptions> outputs = new ArrayList<>();
        for (float alpha : alphas.isEmpty() ? List.of(1f) : alphas) {
            for (TypeChoice type : types.isEmpty() ? List.of(TypeChoice.NONE) : types) {
                outputs.add(type.in(builder.alpha(alpha).build()));
            }
        }
        return outputs;
    }

    /**
     * Where a file is, as its path says.
     *
     * @param file a file
     * @return the directory, which may be the empty path
     */
    public static Path directoryOf(Path file) {
        Path directory = file.getParent();
        return directory == null ? Path.of("") : directory;
    }
}
