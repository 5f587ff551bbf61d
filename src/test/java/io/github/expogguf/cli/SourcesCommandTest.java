package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.testing.LoraFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.Vocabularies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vocabularies, adapters and further differences on the command line. */
class SourcesCommandTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 64, 96, 4, 2));

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;
    private Path lora;
    private Path output;

    @BeforeEach
    void writeModels() {
        sft = MODEL.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        lora = LoraFiles.adapter(MODEL, 4, 8, GgmlType.F32, "blk.0.attn_q.weight")
                .write(directory.resolve("lora.gguf"), TensorValues.random(3));
        output = directory.resolve("out.gguf");
    }

    @Test
    void anAdapterMakesTheAlignedModel() {
        Ran ran = Ran.run("extrapolate", "--sft", sft, "--adapter", lora + "=0.5," + lora, "-o", output);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("1 extrapolated");

        Ran verified = Ran.run("verify", output, "--sft", sft, "--adapter", lora, "--adapter", lora, "--json");
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(verified.json().get("recomputed").getAsBoolean()).isTrue();
        JsonObject adapter = verified.json()
                .getAsJsonObject("recipe")
                .getAsJsonArray("adapters")
                .get(0)
                .getAsJsonObject();
        assertThat(adapter.get("weight").getAsFloat()).isEqualTo(0.5f);
        assertThat(Ran.run("verify", output, "--sft", sft, "--adapter", lora).exitCode())
                .isEqualTo(7);

        Ran compared = Ran.run("compare", "--sft", sft, "--adapter", lora, "--json");
        assertThat(compared.exitCode()).as(compared.err()).isZero();
        Ran planned = Ran.run("plan", "--sft", sft, "--adapter", lora, "--json");
        assertThat(planned.json()
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("adapters"))
                .hasSize(1);
    }

    @Test
    void wholeTensorsOfAnAdapterAreSaid() {
        Path norms = LoraFiles.adapter(MODEL, 4, 8, GgmlType.F32, "blk.0.attn_q.weight")
                .with("output_norm.weight", GgmlType.F32, 64)
                .write(directory.resolve("norms.gguf"), TensorValues.random(3));

        Ran plan = Ran.run("plan", "--sft", sft, "--adapter", norms);
        assertThat(plan.out())
                .containsPattern(
                        "adapter norms.gguf: 1 tensor in factors of rank 4 \\(alpha 8, scale 2\\), 1 whole\\s+tensor")
                .containsPattern("output_norm.weight .* extrapolate \\(2\\) ")
                .contains("(2) extrapolate, whole in an adapter");
        assertThat(plan.err()).isEmpty();
        JsonObject planned = adapterOf(Ran.run("plan", "--sft", sft, "--adapter", norms, "--json"));
        assertThat(planned.get("whole").getAsInt()).isEqualTo(1);
        assertThat(planned.get("factored").getAsInt()).isEqualTo(1);
        assertThat(planned.get("doubtfulScale").getAsBoolean()).isFalse();
        assertThat(adapterOf(Ran.run("extrapolate", "--sft", sft, "--adapter", norms, "-o", output, "--json")))
                .isEqualTo(planned);
        assertThat(Ran.run("inspect", norms).out())
                .contains("  LoRA adapter: 1 tensor in factors of rank 4 (alpha 8, scale 2), 1 whole tensor");
    }

    private static JsonObject adapterOf(Ran ran) {
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran.json().getAsJsonArray("adapters").get(0).getAsJsonObject();
    }

    @Test
    void aDoubtfulScaleIsRemarkedOnOncePerAdapter() throws IOException {
        Path weak = LoraFiles.adapter(MODEL, 256, 16, GgmlType.F32, "blk.0.attn_q.weight", "output.weight")
                .write(directory.resolve("weak.gguf"), TensorValues.random(3));
        String doubt =
                "the scale of the adapter 'weak.gguf' is doubtful: alpha 16, rank 256, so its factors count 0.0625 times"
                        + " (usual are 0.25 to 4)";

        for (Ran ran : List.of(
                Ran.run(
                        "extrapolate",
                        "--sft",
                        sft,
                        "--adapter",
                        weak + "," + lora,
                        "--type",
                        "F16",
                        "-a",
                        "0.1,0.2",
                        "-o",
                        directory.resolve("out-{alpha}.gguf"),
                        "--json"),
                Ran.run("plan", "--sft", sft, "--adapter", weak + "," + lora, "--json"))) {
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).containsOnlyOnce(doubt).contains("--adapter FILE=16 (the root of the rank)");
            assertThat(adapterOf(ran).get("doubtfulScale").getAsBoolean()).isTrue();
            assertThat(adapterOf(ran).get("maxScale").getAsDouble()).isEqualTo(0.0625);
            assertThat(ran.json().getAsJsonArray("remarks").toString()).containsOnlyOnce(doubt);
        }
        assertThat(Ran.run("plan", "--sft", sft, "--adapter", weak + "=16").err())
                .doesNotContain("doubtful");
        assertThat(Ran.run("compare", "--sft", sft, "--adapter", weak).err()).containsOnlyOnce(doubt);
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"a\"}\n");
        Path answers = directory.resolve("answers.jsonl");
        Ran generated = Ran.run("generate", "--sft", sft, "--adapter", weak, "--prompts", prompts, "-o", answers);
        assertThat(generated.err()).containsOnlyOnce(doubt);
        Ran inspected = Ran.run("inspect", weak, "--json");
        assertThat(inspected.err()).containsOnlyOnce(doubt);
        assertThat(inspected
                        .json()
                        .getAsJsonObject("adapter")
                        .get("doubtfulScale")
                        .getAsBoolean())
                .isTrue();
        assertThat(inspected.json().getAsJsonArray("remarks").toString()).contains(doubt);
        assertThat(Ran.run("inspect", lora).err()).isEmpty();
    }

    @Test
    void neitherAlignedModelNorAdapterIsAMistake() {
        for (List<Object> start : List.<List<Object>>of(
                List.of("extrapolate", "--sft", sft, "-o", output),
                List.of("plan", "--sft", sft),
                List.of("compare", "--sft", sft))) {
            Ran ran = Ran.run(start.toArray());
            assertThat(ran.exitCode()).isEqualTo(2);
            assertThat(ran.err()).contains("--aligned=FILE", "--adapter");
        }
        assertThat(Ran.run("verify", output, "--adapter", lora).exitCode()).isEqualTo(2);
    }

    @Test
    void weightsThatAreNoNumbersAreMistakes() {
        assertThat(Ran.run("plan", "--sft", sft, "--adapter", lora + "=x").err())
                .contains("'x' is not a number");
        assertThat(Ran.run("plan", "--sft", sft, "--adapter", lora + "=NaN").err())
                .contains("'NaN' is not a finite number");
        assertThat(Ran.run("plan", "--sft", sft, "--aligned", aligned, "--delta", sft + "," + aligned)
                        .err())
                .contains("is not SFT2,ALIGNED2,BETA");
    }

    @Test
    void aStrangeAdapterIsRefusedWithEveryReason() {
        Ran ran = Ran.run("extrapolate", "--sft", sft, "--adapter", aligned, "-o", output, "--json");

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.err())
                .isEqualTo(
                        "expo-gguf: error: aligned.gguf: it is a model: --sft, --aligned or -m takes it; --adapter takes a"
                                + " LoRA adapter, as GGUF or as the folder of PEFT\n");
        assertThat(output).doesNotExist();
    }

    @Test
    void furtherDifferencesAreRepeatedForVerification() {
        Object delta = aligned + "," + sft + ",-0.5";
        Ran ran = Ran.run("extrapolate", "--sft", sft, "--aligned", aligned, "--delta", delta, "-a", "0", "-o", output);
        assertThat(ran.exitCode()).as(ran.err()).isZero();

        assertThat(Ran.run("verify", output, "--sft", sft, "--aligned", aligned, "--delta", aligned + "," + sft)
                        .exitCode())
                .isZero();
        assertThat(Ran.run("verify", output, "--sft", sft, "--aligned", aligned).exitCode())
                .isEqualTo(7);
    }

    @Test
    void alphasBelowZeroAreNamed() {
        assertThat(notes("-0.3")).contains("alpha -0.3 interpolates: the result lies 30 % of the way back");
        assertThat(notes("-1")).contains("alpha -1 gives the SFT model");
        assertThat(notes("-1.5")).contains("alpha -1.5 goes beyond the SFT model");
        assertThat(notes("0.3")).doesNotContain("alpha");
        Ran ran = Ran.run("extrapolate", "--sft", sft, "--aligned", aligned, "-a", "-0.3", "-o", output);
        assertThat(ran.out()).contains("alpha -0.3 (interpolated)");
    }

    private String notes(String alpha) {
        return Ran.run("plan", "--sft", sft, "--aligned", aligned, "-a", alpha).err();
    }

    @Test
    void theDocumentOfAPlanSaysHowVocabulariesDiffer() {
        List<String> tokens = new ArrayList<>(Vocabularies.tokens(MODEL));
        tokens.add("<|im_end|>");
        Path longer =
                Vocabularies.withTokens(MODEL, tokens).write(directory.resolve("longer.gguf"), TensorValues.random(1));

        JsonObject vocabulary = Ran.run("plan", "--sft", sft, "--aligned", longer, "--json")
                .json()
                .getAsJsonObject("vocabulary");
        assertThat(vocabulary.get("matched").getAsInt()).isEqualTo(320);
        assertThat(vocabulary.get("onlyInAlignedCount").getAsInt())
                .isEqualTo(vocabulary.getAsJsonArray("onlyInAligned").size());
        assertThat(vocabulary.getAsJsonArray("onlyInAligned").get(0).getAsString())
                .isEqualTo("<|im_end|>");
        assertThat(Ran.run("plan", "--sft", sft, "--aligned", aligned, "--json")
                        .json()
                        .has("vocabulary"))
                .isFalse();
    }
}
