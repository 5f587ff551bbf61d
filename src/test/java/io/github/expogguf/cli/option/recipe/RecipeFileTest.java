package io.github.expogguf.cli.option.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.documents.Document;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.options.TypeChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeFileTest {

    @TempDir
    Path directory;

    private RecipeStart read(String yaml) throws IOException {
        return RecipeFile.read(Files.writeString(directory.resolve("recipe.yaml"), yaml));
    }

    @Test
    void theRecipesOfTheDocumentsAreRead() throws IOException {
        int read = 0;
        for (Document page : Document.all()) {
            for (Document.Block block : page.blocks()) {
                if (block.language().equals("yaml")) {
                    read(String.join("\n", block.lines()));
                    read++;
                }
            }
        }

        assertThat(read).isPositive();
    }

    @Test
    void everyKeyIsRead() throws IOException {
        RecipeStart start = read("""
                # a comment
                alpha: [0.3, 5e-1]
                type: Q4_K_M
                profile: depth
                rules:
                  attn_q: 0.2
                  'blk\\..*': 0.2..0.5
                  ffn: '*0.5'
                tensor-types:
                  - attn_v=q8_0
                output-tensor-type: Q6_K
                token-embedding-type: q5_0
                pure: false
                leave-output-tensor: true
                override-kv:
                  general.name: str:A name
                rounding: stochastic
                rounding-seed: 7
                imatrix: data/imatrix.gguf
                """);

        assertThat(start.alphas()).contains(List.of(0.3f, 0.5f));
        assertThat(start.types()).contains(List.of(new TypeChoice(Optional.of(FileType.Q4_K_M))));
        assertThat(start.imatrix()).contains(directory.resolve("data/imatrix.gguf"));
        assertThat(start.options())
                .isEqualTo(PlanOptions.builder()
                        .alphaRules(List.of(
                                TensorAlphaRule.parse("attn_q=0.2"),
                                TensorAlphaRule.parse("blk\\..*=0.2..0.5"),
                                TensorAlphaRule.parse("ffn=*0.5"),
                                TensorAlphaRule.parse(".=*0.5..1.5")))
                        .tensorTypes(List.of(TensorTypeRule.parse("attn_v=Q8_0")))
                        .outputTensorType(GgmlType.Q6_K)
                        .tokenEmbeddingType(GgmlType.Q5_0)
                        .leaveOutputTensor(true)
                        .rounding(new Rounding.Stochastic(7))
                        .overrides(List.of(KeyValueOverride.parse("general.name=str:A name")))
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alpha: 0.3\\nalpah: 1|recipe.yaml:2: 'alpah': no such key; there are alpha, type, rules",
                "alpah: 1|imatrix, chat-template; did you mean alpha?",
                "tensor_type: {a: q8_0}|chat-template; did you mean tensor-types?",
                "alpha: 1\\n\\nalpha: 2|recipe.yaml:3: 'alpha': is there twice",
                "alpha: much|recipe.yaml:1: 'alpha': 'much' is not a number",
                "alpha: 1e-400|recipe.yaml:1: 'alpha': '1e-400' is too small to be another number than 0",
                "to: 1e-400|recipe.yaml:1: 'to': '1e-400' is too small to be another number than 0",
                "rules: {ffn: 1e-60}|recipe.yaml:1: 'rules': '1e-60' is too small to be another number than 0",
                "alpha: 1\\nrank: -3|recipe.yaml:2: 'rank': rank -3, expected 0 to 4096",
                "type: Q9|recipe.yaml:1: 'type': 'Q9' is not a file type",
                "profile: fast|recipe.yaml:1: 'profile': 'fast' is not a profile; it is one of paper no-norms",
                "a: 1\\nrules: [x]|recipe.yaml:1: 'a': no such key",
                "rules: [x]|recipe.yaml:1: 'rules': 'x' is not REGEX=ALPHA",
                "rules: {x: 1, x: 2}|recipe.yaml:1: 'x': is there twice",
                "rules: {x: [1]}|recipe.yaml:1: 'rules': expected one value",
                "rules: [[x=1]]|recipe.yaml:1: 'rules': expected a list of values",
                "rules: {x: *0.5}|an alias; a factor of alpha stands in quotes, as in '*0.5'",
                "rules: {'(': 1}|recipe.yaml:1: 'rules': '(': Unclosed group in the expression",
                "pure: yes|recipe.yaml:1: 'pure': 'yes' is neither true nor false",
                "rounding: up|recipe.yaml:1: 'rounding': 'up' is none of auto, nearest, stochastic",
                "rounding: neerest|recipe.yaml:1: 'rounding': 'neerest' is none of auto, nearest, stochastic; did you mean nearest?",
                "rounding: stochastic\\nrounding-seed: x|recipe.yaml:2: 'rounding-seed': 'x' is not a whole number",
                "rounding-seed: 1|recipe.yaml: 'rounding-seed' is of use with 'rounding: stochastic' only",
                "imatrix: [a]|recipe.yaml:1: 'imatrix': expected one value",
                "[1]|recipe.yaml:1: expected keys and values",
                "''|recipe.yaml:1: expected keys and values",
                "alpha: 'x|recipe.yaml:1: no YAML: found unexpected end of stream",
                "alpha: 1\\n---\\nalpha: 2|no YAML: ",
                "? [a]\\n: 1|recipe.yaml:1: a key that is not a text",
                "a: [[[[[[1]]]]]]|recipe.yaml:1: nested too deep",
            })
    void whatIsWrongIsNamedWithItsLine(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void damagedTextsAreReadOrRefused() {
        String good =
                "alpha: [0.3, 0.5]\nrules:\n  attn: 0.2..0.5\ntensor-types:\n  - 'x'\ntype: \"Q8_0\" # c\n? a\n: |\n  b\n";
        String bits = "\u0000\t\n %&*!|>'\"[]{},?:-#@`<=~.\ufeff\u2028\ud800\u007f\u0085ab1\\";
        Random random = new Random(5);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(good);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int at = random.nextInt(text.length());
                text.replace(
                        at,
                        at + random.nextInt(2),
                        bits.substring(random.nextInt(bits.length() - 1)).substring(0, 1));
            }
            try {
                YamlText.Mapping mapping = YamlText.read("recipe.yaml", text.toString());
                assertThat(mapping.lines()).containsOnlyKeys(mapping.tree().keySet());
                assertThat(mapping.lines().values()).allMatch(line -> line > 0);
                read++;
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageStartingWith("recipe.yaml:");
            }
        }
        assertThat(read).isBetween(1_000, 19_000);
    }

    @Test
    void hostileFilesEndQuickly() {
        assertThatThrownBy(() -> read("[".repeat(60_000))).hasMessageContaining("nested too deep");
        assertThatThrownBy(() -> read("a".repeat(70_000)))
                .hasMessageContaining("70000 characters, expected at most 65536");
        assertThatThrownBy(() -> read("a: &a [1]\nb: [*a, *a]")).hasMessageContaining("an alias");
    }
}
