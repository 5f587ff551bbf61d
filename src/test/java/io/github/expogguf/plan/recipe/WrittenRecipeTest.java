package io.github.expogguf.plan.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.options.TypeChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrittenRecipeTest {

    @TempDir
    private Path directory;

    private WrittenRecipe json(String text) throws IOException {
        return WrittenRecipe.readJson(Files.writeString(directory.resolve("recipe.json"), text));
    }

    @Test
    void aStepHasAlphaOneWhereNoneIsSaid() throws IOException {
        PlanOptions options = PlanOptions.builder().toStep(2000.5).build();
        assertThat(json("{\"to\": 2000.5}").outputs()).containsExactly(options);
        assertThat(json("{\"to\": \"2000.5\", \"alpha\": 0.5}").outputs()).containsExactly(options.withAlpha(0.5f));
        assertThatThrownBy(() -> json("{\"to\": \"far\"}"))
                .hasMessageEndingWith("'to': 'far': the value is not a number");
        assertThatThrownBy(() -> json("{\"to\": \"NaN\"}"))
                .hasMessageEndingWith("'to': step is NaN, expected a finite number");
    }

    @Test
    void aTreeMayHoldTextsNumbersAndTruths() throws IOException {
        Map<String, Object> rules = new LinkedHashMap<>();
        rules.put("attn_q", 0.25);
        rules.put("ffn", "*0.5");
        WrittenRecipe recipe = WrittenRecipe.of(
                Map.of(
                        "alpha",
                        List.of(1, 0.5, "3e-1"),
                        "type",
                        7,
                        "rules",
                        rules,
                        "pure",
                        true,
                        "rounding",
                        "nearest"),
                directory);

        assertThat(recipe.alphas()).containsExactly(1f, 0.5f, 0.3f);
        assertThat(recipe.types()).containsExactly(TypeChoice.parse("Q8_0"));
        assertThat(recipe.imatrix()).isEmpty();
        assertThat(recipe.options())
                .isEqualTo(PlanOptions.builder()
                        .alphaRules(List.of(TensorAlphaRule.parse("attn_q=0.25"), TensorAlphaRule.parse("ffn=*0.5")))
                        .pure(true)
                        .rounding(Rounding.NEAREST)
                        .build());
    }

    @Test
    void everyAlphaIsMadeWithEveryType() throws IOException {
        List<PlanOptions> outputs = json("""
                {"alpha": [0.5, 1], "type": ["copy", "q4_k"], "tensor-types": {"ATTN_V\\\\S": "q8_0"},
                 "rounding": "stochastic", "rounding-seed": 9}
                """).outputs();
        PlanOptions common = PlanOptions.builder()
                .tensorTypes(List.of(TensorTypeRule.parse("attn_v\\S=q8_0")))
                .rounding(new Rounding.Stochastic(9))
                .build();
        PlanOptions typed = common.withFileType(FileType.Q4_K_M);

        assertThat(outputs)
                .containsExactly(
                        common.withAlpha(0.5f), typed.withAlpha(0.5f), common.withAlpha(1), typed.withAlpha(1));
    }

    @Test
    void filesAreThoseBesideTheRecipe() throws IOException {
        Files.writeString(directory.resolve("template.jinja"), "{{ messages }}");
        WrittenRecipe recipe =
                json("{\"chat-template\": \"template.jinja\", \"imatrix\": \"data/i.gguf\", \"alpha\": 1}");

        assertThat(recipe.options().chatTemplate())
                .isEqualTo(Optional.of(new OutputTemplate("template.jinja", "{{ messages }}")));
        assertThat(recipe.imatrix()).contains(directory.resolve("data/i.gguf"));
        assertThatThrownBy(recipe::outputs).isInstanceOf(NoSuchFileException.class);
        assertThat(WrittenRecipe.directoryOf(Path.of("recipe.json")).resolve("i.gguf"))
                .isEqualTo(Path.of("i.gguf"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"alpah\": 1}|recipe.json:1: 'alpah': no such key; there are alpha, type, rules",
                "{\"alpha\": [[1]]}|recipe.json:1: 'alpha': expected a list of values",
                "{\"alpha\": null}|recipe.json:1: 'alpha': expected one value",
                "{\"alpha\": 1e99}|recipe.json:1: 'alpha': '1e99' is not a finite number",
                "{\"override-kv\": {\"x\": \"int:y\"}}|recipe.json:1: 'override-kv': 'x=int:y': the value is not a number",
                "{\"pure\": 1}|recipe.json:1: 'pure': '1' is neither true nor false",
                "{\"rounding-seed\": 1}|recipe.json: 'rounding-seed' is of use with 'rounding: stochastic' only",
            })
    void whatIsWrongIsNamedWithItsKey(String text, String message) {
        assertThatThrownBy(() -> json(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void everyKeyThatIsNamedIsRead() {
        String[] keys = message("{\"alpah\": 1}")
                .replaceFirst(".*there are ", "")
                .replaceFirst("; did you mean alpha\\?$", "")
                .split(", ");
        assertThat(keys)
                .hasSizeGreaterThan(15)
                .contains("rounding-seed")
                .allSatisfy(
                        key -> assertThat(message("{\"" + key + "\": [[]]}")).doesNotContain("no such key"));
        assertThat(message("{\"imatrx\": 1}")).endsWith("; did you mean imatrix?");
    }

    private String message(String text) {
        return catchThrowable(() -> json(text)).getMessage();
    }

    @Test
    void theLineIsThatOfTheKey() {
        assertThatThrownBy(() -> json("{\"alpha\": 1,\n \"rules\": {\"rank\": 1},\n \"rank\": -3}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("recipe.json:3: 'rank': rank -3, expected 0 to 4096");
    }

    @Test
    void noKeyMayBeThereTwice() {
        assertThatThrownBy(() -> json("{\"rank\": 4,\n \"rank\": 5}"))
                .isInstanceOf(PromptException.class)
                .hasMessageContaining("recipe.json: not a JSON object: ")
                .hasMessageEndingWith("(line 2, column 2: 'rank' is there twice, expected once)");
        assertThatThrownBy(() -> json("{\"rules\": {\"a\": 1, \"a\": 1}}"))
                .hasMessageEndingWith("(column 20: 'a' is there twice, expected once)");
    }

    @Test
    void theKeyOfATreeCanBeAsked() {
        assertThatThrownBy(() -> WrittenRecipe.of(Map.of("type", "Q9"), directory))
                .isInstanceOfSatisfying(
                        RecipeKeyException.class,
                        wrong -> assertThat(wrong.key()).isEqualTo("type"))
                .hasMessageStartingWith("'Q9' is not a file type; it is one of F32 ");
    }

    @Test
    void outputsNeedAnAlphaAndTextsThatAreNoJsonAreRefused() throws IOException {
        WrittenRecipe recipe = json("{}");
        assertThatThrownBy(recipe::outputs).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> json("alpha: 1"))
                .isInstanceOf(PromptException.class)
                .hasMessageStartingWith("recipe.json: not a JSON object: ");
    }
}
