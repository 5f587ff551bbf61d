package io.github.expogguf.plan.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.Ingredients;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatedRecipeTest {

    private static final PlanOptions OPTIONS = PlanOptions.builder()
            .alpha(0.3f)
            .fileType(FileType.Q4_K_M)
            .alphaRules(List.of(TensorAlphaRule.parse("attn_q=0.2")))
            .evidence(Map.of(RecipeKeys.EVIDENCE + "kind", MetadataValue.ofString("judge")))
            .build();

    @TempDir
    private Path directory;

    private static RepeatedRecipe recipe(PlanOptions options) {
        return RepeatedRecipe.of(
                new Metadata(Recipe.metadata(Ingredients.pair(List.of("sft.gguf"), List.of("aligned.gguf")), options)),
                "out.gguf");
    }

    /** In the older format of llama-imatrix: entries, then name, calls and sums of each. */
    private Path imatrix(String name, float sum) throws IOException {
        byte[] tensor = "token_embd.weight".getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(20 + tensor.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(tensor.length)
                .put(tensor)
                .putInt(1)
                .putInt(1)
                .putFloat(sum);
        return Files.write(directory.resolve(name), bytes.array());
    }

    @Test
    void optionsAreThoseOfTheFileButForTheEvidence() throws IOException {
        assertThat(recipe(OPTIONS).options()).isEqualTo(OPTIONS.withEvidence(Map.of()));
        assertThat(recipe(OPTIONS).recipe().alpha()).contains(0.3f);
    }

    @Test
    void imatrixHasToBeTheSame() throws IOException {
        Path file = imatrix("imatrix.dat", 1);
        Path other = imatrix("other.dat", 2);
        Imatrix imatrix = ImatrixReader.read(file);
        RepeatedRecipe recipe = recipe(OPTIONS.toBuilder().imatrix(imatrix).build());

        assertThat(recipe.options(file).imatrix().flatMap(Imatrix::source)).isEqualTo(imatrix.source());
        assertThatThrownBy(() -> recipe.options())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("out.gguf was made with the importance matrix imatrix.dat; give it again");
        assertThatThrownBy(() -> recipe.options(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        ".*other.dat: another importance matrix than out.gguf was made with: SHA-256 \\w{64}, expected "
                                + imatrix.source().orElseThrow().sha256());
        assertThat(recipe(OPTIONS).options(other).imatrix()).isPresent();
    }

    @Test
    void fileWithoutARecipeIsRefused() {
        assertThatThrownBy(() -> RepeatedRecipe.of(new Metadata(Map.of()), "out.gguf"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("out.gguf carries no recipe (expo.*)");
        Metadata incomplete = new Metadata(Map.of("expo.version", MetadataValue.ofString("0.1.0")));
        assertThatThrownBy(() -> RepeatedRecipe.of(incomplete, "out.gguf")).isInstanceOf(VerificationException.class);
    }
}
