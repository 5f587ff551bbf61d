package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** --rule, --profile and --recipe on a pair of a few kilobytes. */
class RulesCommandTest {

    @TempDir
    Path directory;

    private TinyPair pair;
    private Path output;

    @BeforeEach
    void writePair() throws IOException {
        pair = TinyPair.write(directory);
        output = directory.resolve("out.gguf");
    }

    private Ran run(String command, Object... more) {
        List<Object> words = new ArrayList<>(List.of(command, "--sft", pair.sft(), "--aligned", pair.aligned()));
        words.addAll(Arrays.asList(more));
        return Ran.run(words.toArray());
    }

    private static List<String> rules(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return Recipe.read(model.header().metadata()).orElseThrow().rules();
        }
    }

    @Test
    void planShowsTheAlphaOfEveryTensor() {
        Ran ran = run("plan", "-a", "0.4", "--rule", "embd=*0.5", "--profile", "no-norms");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines())
                .anyMatch(line -> line.matches("token_embd.weight .* extrapolate 0.2 .*"))
                .anyMatch(line -> line.matches("output_norm.weight .* copy: alpha is 0 by a rule .*"));
    }

    @Test
    void planInJsonHasRulesAndAlphas() {
        JsonObject plan = run("plan", "-a", "0.4", "--rule", "embd=*0.5", "--json")
                .json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject();

        assertThat(plan.getAsJsonArray("rules").toString()).isEqualTo("[\"embd=*0.5\"]");
        assertThat(plan.getAsJsonArray("tensors")
                        .get(0)
                        .getAsJsonObject()
                        .get("alpha")
                        .getAsString())
                .isEqualTo("0.2");
    }

    @Test
    void ruleThatDecidesNothingIsRefused() {
        assertRefused(
                "--rule 'attn_qq=1': no tensor of aligned.gguf has such a name; there are token_embd.weight,"
                        + " output_norm.weight",
                "--rule",
                "attn_qq=1");
        assertRefused(
                "--rule 'embd=0.2': rules before it match the same tensors, and the first match wins: put it before"
                        + " them",
                "--rule",
                ".=1",
                "--rule",
                "embd=0.2");
        assertRefused(
                "--tensor-type 'attn_qq=Q8_0': no tensor of aligned.gguf has such a name; there are"
                        + " token_embd.weight, output_norm.weight",
                "--tensor-type",
                "attn_qq=q8_0");
        assertRefused(
                "--rule '^tokn_embd=1': no tensor of aligned.gguf has such a name; there are token_embd.weight,"
                        + " output_norm.weight; did you mean token_embd.weight?",
                "--rule",
                "^tokn_embd=1");
        assertThat(run("plan", "--rule", "embd=1", "--tensor-type", "embd=q8_0").err())
                .isEmpty();
    }

    private void assertRefused(String message, Object... words) {
        for (String command : List.of("plan", "extrapolate")) {
            List<Object> more = new ArrayList<>(Arrays.asList(words));
            if (command.equals("extrapolate")) {
                more.addAll(List.of("-o", output));
            }
            Ran ran = run(command, more.toArray());
            assertThat(ran.exitCode()).isEqualTo(2);
            assertThat(ran.err()).startsWith("expo-gguf: error: " + message + "\n");
            assertThat(output).doesNotExist();
        }
    }

    @Test
    void recipeForOtherModelsMayHaveARuleWithoutEffect() throws IOException {
        Path yaml = Files.writeString(directory.resolve("r.yaml"), "rules: {attn_qq: 1}\n");

        assertThat(run("plan", "--recipe", yaml).err())
                .isEqualTo("expo-gguf: note: no tensor gets its alpha from the rule 'attn_qq=1': no name matches it, or"
                        + " rules before it match first\n");
    }

    @Test
    void writtenFileVerifiesAndItsRecipeGivesTheSameFile() throws IOException {
        assertThat(run("extrapolate", "-a", "0.4", "--rule", "embd=0.1", "--profile", "no-norms", "-o", output)
                        .exitCode())
                .isZero();
        Path again = directory.resolve("again.gguf");

        assertThat(rules(output)).containsExactly("--rule embd=0.1", "--rule norm=copy");
        Ran verified = Ran.run("verify", output, "--sft", pair.sft(), "--aligned", pair.aligned());
        assertThat(verified.out()).contains("recomputation: ok");
        assertThat(verified.exitCode()).isZero();
        assertThat(run("extrapolate", "--recipe", output, "-o", again).exitCode())
                .isZero();
        assertThat(again).hasSameBinaryContentAs(output);
    }

    @Test
    void commandLineComesBeforeTheRecipe() throws IOException {
        Path yaml = Files.writeString(
                directory.resolve("r.yaml"), "alpha: 0.7\ntype: Q8_0\nrules: {norm: copy}\nprofile: depth\n");

        assertThat(run("extrapolate", "--recipe", yaml, "-o", output).out()).contains("Q8_0, alpha 0.7");
        assertThat(rules(output)).containsExactly("--rule norm=copy", "--rule .=*0.5..1.5", "--type Q8_0");
        assertThat(run(
                                "extrapolate",
                                "--recipe",
                                yaml,
                                "-a",
                                "1",
                                "--type",
                                "f16",
                                "--rule",
                                "embd=0.2",
                                "--force",
                                "-o",
                                output)
                        .out())
                .contains("F16, alpha 1");
        assertThat(rules(output))
                .containsExactly("--rule embd=0.2", "--rule norm=copy", "--rule .=*0.5..1.5", "--type F16");
        assertThat(run("extrapolate", "--recipe", yaml, "--profile", "paper", "--force", "-o", output)
                        .exitCode())
                .isZero();
        assertThat(rules(output)).containsExactly("--type Q8_0");
    }

    @Test
    void recipesThatAreNoneAreRefused() throws IOException {
        Path yaml = Files.writeString(directory.resolve("r.yaml"), "alpha: 0.7\nrule: x\n");

        Ran wrong = run("plan", "--recipe", yaml);
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("r.yaml:2: 'rule': no such key");
        Ran none = run("plan", "--recipe", pair.sft());
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("sft.gguf carries no recipe (expo.*)");
        assertThat(run("plan", "--recipe", directory.resolve("none.yaml")).exitCode())
                .isEqualTo(5);
    }

    /** In the older format of llama-imatrix: entries, then name, calls and sums of each. */
    private Path imatrix(String name, float sum) throws IOException {
        byte[] tensor = "token_embd.weight".getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(16 + tensor.length + 4 * TinyPair.ROW_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(tensor.length)
                .put(tensor)
                .putInt(1)
                .putInt(TinyPair.ROW_LENGTH);
        while (bytes.hasRemaining()) {
            bytes.putFloat(sum);
        }
        return Files.write(directory.resolve(name), bytes.array());
    }

    @Test
    void imatrixOfARecipeHasToBeGivenAgainAndBeTheSame() throws IOException {
        Path imatrix = imatrix("imatrix.dat", 1);
        Path other = imatrix("other.dat", 2);
        assertThat(run("extrapolate", "--type", "Q4_0", "--imatrix", imatrix, "-o", output)
                        .err())
                .isEmpty();

        Ran missing = run("plan", "--recipe", output);
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err())
                .contains("out.gguf was made with the importance matrix imatrix.dat; give it again with --imatrix");
        Ran different = run("plan", "--recipe", output, "--imatrix", other);
        assertThat(different.exitCode()).isEqualTo(2);
        assertThat(different.err()).contains("other.dat: another importance matrix than ");
        assertThat(run("plan", "--recipe", output, "--imatrix", imatrix).exitCode())
                .isZero();
    }

    @Test
    void searchSaysThatAbsoluteRulesHoldAtAlphaZero() throws IOException {
        Path preferences = Files.writeString(
                directory.resolve("p.jsonl"), "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n");
        String note = "rules with an alpha of their own hold at alpha 0, too";

        assertThat(run("search", "--preferences", preferences, "--rule", "embd=0.5")
                        .err())
                .contains(note);
        assertThat(run("search", "--preferences", preferences, "--rule", "embd=*0.5")
                        .err())
                .doesNotContain(note);
        assertThat(run("eval", "--preferences", preferences, "--rule", "embd=0.5")
                        .err())
                .contains(note);
        assertThat(run("eval", "--preferences", preferences, "--rule", "embd=*0.5")
                        .err())
                .doesNotContain(note);
    }

    @Test
    void rulesNeedAPair() {
        Ran ran = Ran.run("plan", "-m", pair.sft(), "--rule", "embd=1");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("there are rules for alpha, but there is no SFT model (--rule, --profile)");
    }

    @Test
    void wrongRulesAreRefusedBeforeAnyFileIsTouched() {
        assertThat(Ran.run("plan", "--sft", "no", "--aligned", "no", "--rule", "a=b")
                        .err())
                .contains("'b' is neither copy nor an alpha such as 0.3");
        assertThat(Ran.run("plan", "--sft", "no", "--aligned", "no", "--profile", "b")
                        .err())
                .contains("'b' is not a profile; it is one of paper no-norms attention-half depth");
    }
}
