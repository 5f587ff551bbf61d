package io.github.expogguf.cli.option.recipe;

import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.plan.recipe.RecipeKeyException;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.plan.recipe.WrittenRecipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** {@code --recipe}: a YAML file, or a GGUF file that carries the recipe that it was made by. */
public final class RecipeFile {

    private RecipeFile() {}

    /**
     * Reads a recipe in YAML, or that of an output.
     *
     * @throws IllegalArgumentException if it is no recipe; names line and key
     */
    public static RecipeStart read(Path path) throws IOException {
        return isGguf(path) ? RecipeStart.repeat(RepeatedRecipe.read(path)) : RecipeStart.of(ofYaml(path));
    }

    public static boolean isGguf(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(4), "GGUF".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
    }

    private static WrittenRecipe ofYaml(Path path) throws IOException {
        YamlText.Mapping mapping = YamlText.read(path.getFileName().toString(), TextFile.read(path));
        try {
            return WrittenRecipe.of(mapping.tree(), WrittenRecipe.directoryOf(path));
        } catch (RecipeKeyException wrong) {
            throw mapping.problem(wrong.key(), Failures.message(wrong));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(mapping.file() + ": " + wrong.getMessage(), wrong);
        }
    }
}
