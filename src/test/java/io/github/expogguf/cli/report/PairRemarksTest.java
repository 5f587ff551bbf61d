package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import io.github.expogguf.cli.Main;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What extrapolate and plan say of a pair before they begin. */
class PairRemarksTest {

    @TempDir
    Path directory;

    private TinyPair pair;

    @BeforeEach
    void writePair() throws IOException {
        pair = TinyPair.write(directory);
    }

    private void assertBothSay(Path sft, Path aligned, String... starts) {
        for (boolean plan : new boolean[] {false, true}) {
            Ran ran = run(plan, sft, aligned);
            assertThat(ran.exitCode()).isZero();
            assertThat(ran.err().lines()).hasSize(starts.length);
            for (String start : starts) {
                assertThat(ran.err()).contains("expo-gguf: " + start);
            }
        }
    }

    private Ran run(boolean plan, Path sft, Path aligned) {
        Path output = directory.resolve("out.gguf");
        return plan
                ? Ran.run("plan", "--sft", sft, "--aligned", aligned, "--json")
                : Ran.run("extrapolate", "--sft", sft, "--aligned", aligned, "-o", output, "--force", "--json");
    }

    @Test
    void nothingIsSaidOfAPlausiblePair() {
        assertBothSay(pair.sft(), pair.aligned());
    }

    /** The values of an F16 file tell what its checkpoint was. */
    @Test
    void f16FilesOfABf16CheckpointAreToldFromOthers() {
        Path sft = ofBf16("src/demo/guide-sft-f16.gguf", "sft");
        Path aligned = ofBf16("src/demo/guide-dpo-20-f16.gguf", "aligned");
        assertThat(Ran.run("plan", "--sft", sft, "--aligned", aligned).err())
                .contains("noisy: rounding to BF16 may make up all");
        assertThat(Ran.run(
                                "plan",
                                "--sft",
                                "src/demo/guide-sft-f16.gguf",
                                "--aligned",
                                "src/demo/guide-dpo-20-f16.gguf")
                        .err())
                .doesNotContain("noisy");
    }

    private Path ofBf16(String model, String name) {
        Path bf16 = directory.resolve(name + "-bf16.gguf");
        Path f16 = directory.resolve(name + "-f16.gguf");
        Ran.run("quantize", "-m", model, "--type", "BF16", "-o", bf16);
        Ran.run("quantize", "-m", bf16, "--type", "F16", "-o", f16);
        return f16;
    }

    @Test
    void modelsInEachOthersPlaceAreNoticed() {
        assertBothSay(pair.aligned(), pair.sft(), "warning: swapped? by its name the SFT model is an aligned one");
    }

    @Test
    void unrelatedModelsAreNoticed() throws IOException {
        assertBothSay(pair.sft(), TinyPair.unrelatedModel(directory.resolve("other.gguf")), "warning: unrelated: ");
    }

    @Test
    void distantModelsAreNoticed() throws IOException {
        assertBothSay(
                pair.sft(),
                TinyPair.model(directory.resolve("far.gguf"), "token_embd.weight", 0.1f),
                "warning: far apart: ");
    }

    @Test
    void identicalModelsAreNoticed() {
        Path same = directory.resolve("same.gguf");
        Ran.run("quantize", "-m", pair.aligned(), "--override-kv", "general.name=str:other", "-o", same);
        assertBothSay(pair.aligned(), same, "warning: a sample of the weights is the same in both");
    }

    @Test
    void aBaseModelIsNoticed() throws IOException {
        Path base = TinyPair.model(directory.resolve("tiny-base.gguf"), "token_embd.weight", 0);
        Path instruct = TinyPair.model(directory.resolve("tiny-instruct.gguf"), "token_embd.weight", 0.01f);
        assertBothSay(base, instruct, "warning: base and SFT? ");
    }

    @Test
    void otherTemplatesAndTokenizersAreNoticed() throws IOException {
        Path one = TinyPair.model(
                directory.resolve("one.gguf"),
                0,
                Map.of(
                        "tokenizer.chat_template", MetadataValue.ofString("{{ one }}"),
                        "tokenizer.ggml.padding_token_id", MetadataValue.ofUint32(1)));
        Path other = TinyPair.model(
                directory.resolve("other.gguf"),
                0.01f,
                Map.of(
                        "tokenizer.chat_template", MetadataValue.ofString("{{ other }}"),
                        "tokenizer.ggml.padding_token_id", MetadataValue.ofUint32(2)));
        assertBothSay(
                one,
                other,
                "note: the chat templates differ",
                "note: the tokenizers' settings differ (padding_token_id)");
        assertBothSay(one, pair.aligned(), "note: only the SFT model has a chat template");
    }

    @Test
    void documentsHaveTheRemarks() {
        for (boolean plan : new boolean[] {false, true}) {
            JsonArray remarks = run(plan, pair.aligned(), pair.sft()).json().getAsJsonArray("remarks");
            assertThat(remarks).hasSize(1);
            assertThat(remarks.get(0).getAsJsonObject().get("weight").getAsString())
                    .isEqualTo("warning");
            assertThat(run(plan, pair.sft(), pair.aligned()).json().getAsJsonArray("remarks"))
                    .isEmpty();
        }
    }

    @Test
    void aPlanNeedsNoLibrariesAndSaysWhatItDidNotLookAt() throws IOException, InterruptedException {
        Path sft = quantized(pair.sft());
        Path aligned = quantized(pair.aligned());
        ChildJvm plan = ChildJvm.run(
                Map.of("EXPO_GGUF_LIB_PATH", directory.resolve("none").toString()),
                List.of(),
                Main.class,
                "plan",
                "--sft",
                sft.toString(),
                "--aligned",
                aligned.toString());
        assertThat(plan.exitCode()).as(plan.lastWords()).isZero();
        assertThat(plan.errors()).contains("the weights were not looked at: llama.cpp's libraries are needed");
        assertThat(plan.output()).contains("token_embd.weight").doesNotContain("Exception");
    }

    private static Path quantized(Path model) {
        Path quantized = model.resolveSibling("q4-" + model.getFileName());
        assertThat(Ran.run("quantize", "-q", "-m", model, "--type", "Q4_K", "--pure", "-o", quantized)
                        .exitCode())
                .isZero();
        return quantized;
    }
}
