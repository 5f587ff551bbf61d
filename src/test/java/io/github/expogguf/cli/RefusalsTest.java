package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyPair;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What would not do what was asked is an error, and nothing is written, unless the user insists. */
class RefusalsTest {

    private static final Path SFT = DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf");

    @TempDir
    static Path inputs;

    @TempDir
    Path directory;

    @BeforeAll
    static void quantizeInputs() {
        Ran.run("quantize", "-m", SFT, "--type", "Q4_K_M", "-o", inputs.resolve("sft.gguf"));
        Ran.run("quantize", "-m", ALIGNED, "--type", "Q4_K_M", "-o", inputs.resolve("aligned.gguf"));
    }

    private Path output() {
        return directory.resolve("out.gguf");
    }

    private Ran extrapolate(Path sft, Path aligned, Object... more) {
        Object[] words = {"extrapolate", "--sft", sft, "--aligned", aligned, "-o", output()};
        return Ran.run(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
    }

    private void assertRefused(Ran ran, int exitCode, String... words) {
        assertThat(ran.exitCode()).isEqualTo(exitCode);
        assertThat(ran.err()).contains("expo-gguf: error: ").contains(words);
        assertThat(output()).doesNotExist();
    }

    private Ran coarse(Object... more) {
        return extrapolate(inputs.resolve("sft.gguf"), inputs.resolve("aligned.gguf"), more);
    }

    @Test
    void twoDownloadsOfFourBitsAreRefusedWithTheRemedies() {
        String[] remedies = {
            "aligned.gguf: only 0.",
            " % of alpha would arrive (0.00",
            "the (aligned) model is already in Q4_K, Q6_K",
            "; in another type, too, rounding of both models to Q4_K may make up all of the difference between them: take"
                    + " them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors; 'chat' and 'generate' take"
                    + " these files with --logits, which extrapolates what the models say; --allow-requantize accepts the"
                    + " loss"
        };

        assertRefused(coarse("--type", "Q4_K_M"), 3, remedies);
        assertRefused(coarse(), 3, remedies); // the types stay
        assertRefused(coarse("--type", "Q4_K_M", "--dry-run"), 3, remedies);
        assertRefused(coarse("--type", "Q4_K_M", "--rounding", "nearest"), 3, remedies);
    }

    @ParameterizedTest
    @ValueSource(strings = {"IQ4_NL", "Q5_K_M", "Q8_0", "F16", "F32"})
    void twoDownloadsOfFourBitsAreRefusedInEveryType(String type) {
        String refusal = "aligned.gguf: rounding of both models to Q4_K may make up all of the difference between them,"
                + " which alpha multiplies; take them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors;"
                + " 'chat' and 'generate' take these files with --logits, which extrapolates what the models say;"
                + " --allow-requantize accepts the loss\n";

        Ran ran = coarse("--type", type);
        assertRefused(ran, 3, refusal);
        assertThat(ran.err()).as("one message").hasLineCount(1);
        assertRefused(coarse("--type", type, "--alpha", "1.5"), 3, "may make up all");
        assertRefused(coarse("--type", type, "--rule", "ffn=2", "--alpha", "0"), 3, "may make up all");
        assertRefused(coarse("--type", type, "--dry-run"), 3, refusal);
        assertThat(coarse("--type", type, "--allow-requantize").err())
                .startsWith("expo-gguf: warning: noisy: rounding to Q4_K may make up all of the difference; ");
    }

    @Test
    void oneDownloadOfFourBitsIsNamed() {
        Path coarse = inputs.resolve("sft.gguf");
        assertRefused(
                extrapolate(coarse, ALIGNED, "--type", "Q8_0"),
                3,
                "rounding of the SFT model to Q4_K may make up all of the difference between the two, which alpha"
                        + " multiplies; take it in F16, BF16, F32 or Q8_0, or the folder of its .safetensors as --sft;");
        assertRefused(
                extrapolate(SFT, inputs.resolve("aligned.gguf"), "--type", "Q8_0"),
                3,
                "rounding of the aligned model to Q4_K may make up all of the difference between the two, which alpha"
                        + " multiplies; take it in F16, BF16, F32 or Q8_0, or the folder of its .safetensors as"
                        + " --aligned, with this file as --like;");
        assertRefused(
                extrapolate(SFT, ALIGNED, "--delta", coarse + "," + inputs.resolve("aligned.gguf") + ",0.5"),
                3,
                "rounding of the models of --delta to Q4_K may make up all of the difference between them, which its"
                        + " weight multiplies; take them in F16");
    }

    /** Nothing of the rounding is multiplied there, or much of it is left out. */
    @ParameterizedTest
    @ValueSource(strings = {"--alpha=0", "--alpha=-0.5", "--rank=8", "--rule=.=copy"})
    void coarseModelsGoOnWhereTheirRoundingIsNotMultiplied(String option) {
        Ran ran = coarse("--type", "Q8_0", option);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
    }

    /** Which part of a delta is training is counted here from models before they are rounded. */
    @ParameterizedTest
    @CsvSource({
        "Q4_K, 0.001",
        "Q4_K, 0.02",
        "Q4_K, 0.15",
        "Q4_K, 0.5",
        "Q4_0, 0.05",
        "Q4_0, 0.2",
        "Q5_K, 0.02",
        "Q5_K, 0.1",
        "Q6_K, 0.005",
        "Q6_K, 0.06",
        "Q2_K, 0.15",
        "Q2_K, 0.9",
        "IQ4_NL, 0.05",
        "IQ4_NL, 0.2",
        "Q8_0, 0.001"
    })
    void mostOfWhatIsMultipliedHasToBeTraining(GgmlType type, double step) throws IOException {
        TinyModel exact = TinyModels.llama(TinyModels.Sizes.of(1, 256, 512, 4, 4));
        TensorValues before = TensorValues.random(1);
        TensorValues after = tensor -> tensor.shape().rank() < 2
                ? before.of(tensor)
                : plus(before.of(tensor), step, TensorValues.random(2).of(tensor));
        TinyModel rounded = exact.withMatrices(type);
        Path sft = rounded.write(directory.resolve("before.gguf"), before);
        Path aligned = rounded.write(directory.resolve("after.gguf"), after);
        double trained = squares(
                exact.write(directory.resolve("0.gguf"), before), exact.write(directory.resolve("1.gguf"), after));
        double share = trained / squares(sft, aligned);
        assertThat(Math.abs(share - 0.5))
                .as("clearly more or less than half, %s", share)
                .isGreaterThan(0.1);

        Ran ran = extrapolate(sft, aligned, "--type", "F16", "--max-distance", "off");

        boolean isFine = type == GgmlType.Q8_0; // the least of types that are downloads to extrapolate from
        assertThat(ran.exitCode())
                .as("%s of it is training: %s", share, ran.err())
                .isEqualTo(isFine || share > 0.5 ? 0 : 3);
    }

    private static float[] plus(float[] values, double factor, float[] others) {
        float[] sum = new float[values.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (values[i] + factor * others[i]);
        }
        return sum;
    }

    /** Of the differences between all values of matrices. */
    private static double squares(Path before, Path after) throws IOException {
        double squares = 0;
        try (GgufModel sft = GgufModel.open(before);
                GgufModel aligned = GgufModel.open(after)) {
            for (int tensor = 0; tensor < sft.header().tensors().size(); tensor++) {
                float[] from = GgmlFloats.of(sft, sft.header().tensors().get(tensor));
                float[] to = GgmlFloats.of(aligned, aligned.header().tensors().get(tensor));
                for (int i = 0; i < from.length; i++) {
                    squares += Math.pow((double) to[i] - from[i], 2);
                }
            }
        }
        return squares;
    }

    /** What was trained from the very values of a file of 4 bits has no rounding in its delta. */
    @Test
    void aModelThatWasTrainedFromRoundedValuesGoesOn() {
        Path values = directory.resolve("values.gguf");
        Path trained = directory.resolve("trained.gguf");
        Ran.run("quantize", "-m", inputs.resolve("sft.gguf"), "--type", "F32", "--allow-requantize", "-o", values);
        Ran.run(
                "extrapolate",
                "--sft",
                values,
                "--aligned",
                values,
                "--alpha",
                "0",
                "--delta",
                SFT + "," + ALIGNED + ",1",
                "-o",
                trained);

        Ran ran = extrapolate(inputs.resolve("sft.gguf"), trained, "--type", "Q8_0");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
    }

    /** Hours before there would be something to write, and again when it is known what. */
    @ParameterizedTest
    @ValueSource(strings = {"search", "listen"})
    void whatWasTriedIsNotWrittenFromFilesOfFourBits(String command) throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] pair = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};
        Object[] words = command.equals("search")
                ? new Object[] {"--prompts", prompts, "--judge", "cat", "--type", "Q8_0", "--write", output()}
                : new Object[] {"--no-open", "--type", "Q8_0", "--write", output()};

        Ran ran = run(command, pair, words);

        assertRefused(
                ran,
                3,
                "aligned.gguf: rounding of both models to Q4_K may make up all of the difference between them, which alpha"
                        + " multiplies; take them in F16",
                "; --allow-requantize accepts the loss\n");
        assertThat(ran.err()).containsOnlyOnce("rounding");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void whoSearchesFilesOfFourBitsMayInsist() throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] pair = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};

        Ran ran = run(
                "search",
                pair,
                "--prompts",
                prompts,
                "-n",
                "2",
                "--temp",
                "0",
                "--alphas",
                "1",
                "--type",
                "Q8_0",
                "--write",
                output(),
                "--allow-requantize");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("warning: aligned.gguf: rounding of both models to Q4_K may make up all of");
        assertThat(output()).exists();
    }

    @Test
    void aChatSavesFilesOfFourBitsOnlyWhereTheUserInsists() {
        String save = "/save " + output();
        Object[] pair = {
            "--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf"), "--alpha", "0.3"
        };

        Ran same = Ran.runWithInput(save + "\n", words("chat", pair));
        assertRefused(
                same,
                3,
                "aligned.gguf: only 0.",
                " % of alpha would arrive (0.00",
                "; in another type, too, rounding of both models to Q4_K may make up all",
                "; --allow-requantize accepts the loss\n");
        assertThat(same.err()).doesNotContain("--rounding");
        assertRefused(
                Ran.runWithInput(save + " Q8_0\n", words("chat", pair)),
                3,
                "error: aligned.gguf: rounding of both models to Q4_K may make up all of the difference between them");
        Ran insisting = Ran.runWithInput(save + " Q8_0 --allow-requantize\n", words("chat", pair));
        assertThat(insisting.exitCode()).as(insisting.err()).isZero();
        assertThat(output()).exists();
    }

    @Test
    void whatHasMoreRoomThanEightBitsIsF16() {
        Path sft = inputs.resolve("sft-eight.gguf");
        Path aligned = inputs.resolve("aligned-eight.gguf");
        Ran.run("quantize", "-m", SFT, "--type", "Q8_0", "-o", sft);
        Ran.run("quantize", "-m", ALIGNED, "--type", "Q8_0", "-o", aligned);
        Object[] pair = {"--sft", sft, "--aligned", aligned, "--alpha", "0.3"};

        Ran saving = Ran.runWithInput("/save " + output() + "\n", words("chat", pair));

        assertRefused(saving, 3, "already in Q8_0", "; '/save OUT.gguf F16' has room for such steps; ");
        assertThat(saving.err())
                .contains("; --type F16 has room for such steps")
                .doesNotContain("Q8_0 has room");
        assertThat(Ran.runWithInput("/save " + output() + " F16\n", words("chat", pair))
                        .exitCode())
                .isZero();
    }

    @Test
    void aChatSavesNoQuantizedModelInAnotherType() throws IOException {
        String save = "/save " + output() + " Q8_0";
        Object[] model = {"-m", inputs.resolve("sft.gguf"), "--type", "F16"};

        assertRefused(
                Ran.runWithInput(save + "\n", words("chat", model)),
                3,
                "is quantized already (Q4_K); --allow-requantize accepts the loss");
        assertThat(Ran.runWithInput(save + " --allow-requantize\n", words("chat", model))
                        .exitCode())
                .isZero();
        assertThat(output()).exists();
    }

    @Test
    void aDeltaOfFilesOfFourBitsIsNoAdapterUnlessTheUserInsists() {
        Object[] pair = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};

        assertRefused(
                run("export-lora", pair, "--rank", "4", "-o", output()),
                3,
                "aligned.gguf: rounding of both models to Q4_K may make up all of the difference between them, which alpha"
                        + " multiplies; take them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors; ",
                "; --allow-requantize accepts the loss\n");

        Ran ran = run("export-lora", pair, "--rank", "4", "-o", output(), "--allow-requantize");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("expo-gguf: warning: noisy: rounding to Q4_K may make up all of the difference; take files");
        assertThat(output()).exists();
    }

    /** The products of an adapter are no difference of two files. */
    @Test
    void theDeltaOfAnAdapterIsNoRounding() throws IOException {
        Path folders = Path.of("src/test/resources/folders");
        Path base = directory.resolve("base.gguf");
        Path adapter = folders.resolve("adapters/llama_plain");
        Ran.run(
                "quantize",
                "-m",
                folders.resolve("llama/like.gguf"),
                "--type",
                "Q4_0",
                "--allow-requantize",
                "-o",
                base);
        Object[] written = {"--alpha", "0.3", "--type", "F16", "-o", output(), "--force"};

        Ran exact = run("extrapolate", new Object[] {"--sft", base, "--adapter", adapter}, written);
        assertThat(exact.exitCode()).as(exact.err()).isZero();
        assertThat(exact.err()).doesNotContain("noisy", "rounding");
        Ran other = run(
                "extrapolate",
                new Object[] {"--sft", base, "--aligned", folders.resolve("llama/like.gguf"), "--adapter", adapter},
                written);
        assertThat(other.err()).as("of another aligned model").contains("rounding");
    }

    /** Tensors in the place of rounded ones differ from these by the rounding, too. */
    @Test
    void wholeTensorsOfAnAdapterAreDifferencesToRoundedOnes() throws IOException {
        Path folders = Path.of("src/test/resources/folders");
        Path base = directory.resolve("base.gguf");
        Ran.run(
                "quantize",
                "-m",
                folders.resolve("llama/like.gguf"),
                "--type",
                "Q4_0",
                "--allow-requantize",
                "-o",
                base);
        Ingredients.Adapter<Path> saved = new Ingredients.Adapter<>(folders.resolve("adapters/llama_saved"), 1);

        try (Extrapolator models = Extrapolator.open(Ingredients.adapted(base, List.of(saved)))) {
            PairComparison pair = models.sample(Extrapolator.SAMPLE_ELEMENTS, WorkOptions.defaults());

            assertThat(pair.tensors().stream()
                            .filter(tensor -> tensor.sftRounding().isPresent())
                            .map(TensorDelta::name))
                    .containsExactlyInAnyOrder("token_embd.weight", "output.weight");
            assertThat(pair.tensors().stream().flatMap(tensor -> tensor.alignedRounding().stream()))
                    .doesNotContain(GgmlType.Q4_0);
        }
    }

    @Test
    void whatIsLostIsNotToldAsAShareOfAlpha() {
        Path folders = Path.of("src/test/resources/folders");
        Path base = directory.resolve("base.gguf");
        Ran.run(
                "quantize",
                "-m",
                folders.resolve("llama/like.gguf"),
                "--type",
                "Q4_0",
                "--allow-requantize",
                "-o",
                base);
        Object[] pair = {"--sft", base, "--adapter", folders.resolve("adapters/llama_plain"), "--alpha", "0.3"};

        Ran refused = run("extrapolate", pair, "-o", output());
        assertRefused(
                refused,
                3,
                "error: base.gguf: the alignment would be lost: what would arrive lies ",
                " % of the way back to the SFT model (-0.",
                " of 0.3): the (aligned) model is already in Q4_0, and steps of less than half",
                "; --allow-requantize accepts the loss");
        Ran planned = run("plan", pair);
        assertThat(planned.err()).containsOnlyOnce("would be lost");
        assertThat(planned.out())
                .containsPattern("predicted realised alpha -0\\.\\d+ ± 0\\.\\d+ of 0\\.3 \\(lost\\)\n");
        Ran written = run("extrapolate", pair, "-o", output(), "--allow-requantize", "--card");
        assertThat(written.out()).contains(" of 0.3 (lost)\n");
        assertThat(directory.resolve("README.md"))
                .content()
                .contains(", lost |", "rounding took of the alignment, too");
        assertThat(refused.err() + planned.err() + planned.out() + written.err() + written.out())
                .doesNotContainPattern("-[0-9.]+ %");
    }

    @Test
    void oneOfSeveralOutputsIsEnough() {
        Path pattern = directory.resolve("out-{type}.gguf");
        Path sft = inputs.resolve("sft-q8.gguf");
        Path aligned = inputs.resolve("aligned-q8.gguf");
        Ran.run("quantize", "-m", SFT, "--type", "Q8_0", "-o", sft);
        Ran.run("quantize", "-m", ALIGNED, "--type", "Q8_0", "-o", aligned);

        Ran ran = Ran.run("extrapolate", "--sft", sft, "--aligned", aligned, "--type", "F16,Q8_0", "-o", pattern);

        assertRefused(
                ran,
                3,
                " % of alpha would arrive with alpha 0.3, Q8_0 (0.0",
                "extrapolate from files in their checkpoints' type (F32, F16 or BF16), write F16, or use"
                        + " --rounding stochastic; --allow-requantize accepts the loss");
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--allow-requantize", "--rounding=stochastic"})
    void whoInsistsGoesOn(String word) {
        Ran ran = coarse(word);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).doesNotContain("error: ");
        assertThat(output()).exists();
    }

    @Test
    void planSaysWhatWouldBeRefusedAndShowsIt() {
        Object[] pair = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};

        Ran same = run("plan", pair);
        assertThat(same.exitCode()).isZero();
        assertThat(same.err())
                .startsWith("expo-gguf: warning: 'extrapolate' refuses this: aligned.gguf: only 0.")
                .as("it is said once")
                .hasLineCount(1);
        assertThat(same.out()).contains("predicted realised alpha 0.00");

        Ran other = run("plan", pair, "--type", "F16");
        assertThat(other.exitCode()).isZero();
        assertThat(other.err())
                .startsWith(
                        "expo-gguf: warning: 'extrapolate' refuses this: aligned.gguf: rounding of both models to Q4_K")
                .hasLineCount(1);
        assertThat(coarse("--type", "F16").err())
                .isEqualTo(other.err().replace("warning: 'extrapolate' refuses this", "error"));
        assertThat(run("plan", pair, "--type", "F16", "--json")
                        .json()
                        .getAsJsonArray("remarks")
                        .toString())
                .contains("noisy: rounding to Q4_K may make up all");
        assertThat(run("plan", pair, "--type", "Q4_K_M,Q8_0").err())
                .containsOnlyOnce("of alpha would arrive with alpha 0.3, Q4_K_M");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--type=F16,Q4_K_M", "--type=Q4_K_M,Q4_K_S", "--target-size=1.5M"})
    void planSaysTheRoundingOnce(String outputs) {
        Ran ran = run(
                "plan",
                new Object[] {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")},
                outputs);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("warning: only ", " of alpha would arrive", " of 0.3)\n")
                .containsOnlyOnce("rounding of both models to Q4_K may make up all of the difference")
                .containsOnlyOnce("take them in F16");
    }

    @Test
    void planTellsProgramsWhatWouldBeRefused() {
        Object[] coarse = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};
        Object[] fine = {"--sft", SFT, "--aligned", ALIGNED};

        JsonObject rounded = refusal(run("plan", coarse, "--type", "Q8_0", "--json"));
        assertThat(rounded.keySet()).containsExactly("reason", "kind", "exitCode", "message", "remedies");
        assertThat(rounded.get("reason").getAsString()).isEqualTo("rounded-inputs");
        assertThat(rounded.getAsJsonArray("remedies"))
                .extracting(JsonElement::getAsString)
                .containsExactly(
                        "take them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors",
                        "'chat' and 'generate' take these files with --logits, which extrapolates what the models say",
                        "--allow-requantize accepts the loss");
        assertSame(rounded, coarse("--type", "Q8_0", "--json"));

        JsonObject far = refusal(run("plan", fine, "--alpha", "60", "--json"));
        assertThat(far.get("reason").getAsString()).isEqualTo("too-far");
        assertThat(far.getAsJsonArray("remedies"))
                .extracting(JsonElement::getAsString)
                .containsExactly("--max-distance off insists");
        assertSame(far, extrapolate(SFT, ALIGNED, "--alpha", "60", "--json"));

        Object[] requantizing = {"-m", inputs.resolve("sft.gguf"), "--type", "F16"};
        JsonObject quantized = refusal(run("plan", requantizing, "--json"));
        assertThat(quantized.get("reason").getAsString()).isEqualTo("quantized-already");
        assertSame(quantized, run("quantize", requantizing, "-o", output(), "--json"));

        assertThat(run("plan", fine, "--json").json().get("refusal").isJsonNull())
                .isTrue();
        assertThat(run("plan", coarse, "--allow-requantize", "--json")
                        .json()
                        .get("refusal")
                        .isJsonNull())
                .isTrue();
    }

    private static JsonObject refusal(Ran plan) {
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        return plan.json().getAsJsonObject("refusal");
    }

    /** As the command says it that would write. */
    private static void assertSame(JsonObject refusal, Ran refused) {
        JsonObject error = refused.json().getAsJsonObject("error");
        assertThat(refused.exitCode()).isEqualTo(refusal.get("exitCode").getAsInt());
        for (String name : List.of("kind", "exitCode", "message")) {
            assertThat(refusal.get(name)).as(name).isEqualTo(error.get(name));
        }
    }

    /** There alpha multiplies nothing. */
    @Test
    void whatFurtherDeltasAloneAddIsNotCalledAlpha() {
        Ran ran = extrapolate(SFT, ALIGNED, "--alpha", "0", "--delta", SFT + "," + ALIGNED + ",0.5", "--type", "Q2_K");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("  realised part of the step ");
        assertThat(ran.out() + ran.err()).doesNotContain("realised alpha", "of alpha");
    }

    @ParameterizedTest
    @ValueSource(strings = {"extrapolate", "plan", "compare", "export-lora", "search", "listen", "eval", "generate"})
    void theSameFileTwiceIsRefused(String command) throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path link = Files.createSymbolicLink(directory.resolve("link.gguf"), pair.sft());
        for (Path other : List.of(pair.sft(), link)) {
            Ran ran =
                    Ran.run(Stream.concat(Stream.of(command, "--sft", pair.sft(), "--aligned", other), needed(command))
                            .toArray());

            assertRefused(ran, 4, "the SFT model and the aligned model are the same file, " + pair.sft());
        }
    }

    private Stream<Object> needed(String command) throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        return switch (command) {
            case "extrapolate", "export-lora" -> Stream.of("-o", output());
            case "search", "eval" -> Stream.of("--prompts", prompts);
            case "generate" -> Stream.of("--prompts", prompts, "-o", output());
            default -> Stream.of();
        };
    }

    @Test
    void aCopyIsRefusedAndAModelWithOtherMetadataIsNot() throws IOException {
        Path copy = Files.copy(SFT, directory.resolve("copy.gguf"));
        assertRefused(
                extrapolate(SFT, copy),
                4,
                "the SFT model and the aligned model are the same to the byte: there is nothing to extrapolate");

        Path renamed = directory.resolve("renamed.gguf");
        Ran.run("quantize", "-m", SFT, "--override-kv", "general.name=str:other", "-o", renamed);
        assertThat(extrapolate(SFT, renamed).err())
                .isEqualTo("expo-gguf: warning: a sample of the weights is the same in both: there may be nothing to"
                        + " extrapolate\n");
    }

    /** Rounding the model to another type is no training; a step of 0.15 %, rounded as well, is. */
    @ParameterizedTest
    @CsvSource({"F16, F32", "F16, BF16", "F16, Q8_0", "F16, Q6_K", "F16, Q4_0", "BF16, Q8_0", "F32, Q8_0", "Q8_0, F32"})
    void aModelAndItselfInAnotherTypeAreNoPair(String before, String after) {
        Path sft = directory.resolve("sft.gguf");
        Path same = directory.resolve("same.gguf");
        Path aligned = directory.resolve("aligned.gguf");
        Ran.run("quantize", "-m", SFT, "--type", before, "-o", sft);
        Ran.run("quantize", "-m", SFT, "--type", after, "-o", same);
        Ran.run("quantize", "-m", ALIGNED, "--type", after, "-o", aligned);
        String refusal = before.equals("F16") && after.equals("F32")
                ? "the SFT model and the aligned model are the same in every weight: there is nothing to extrapolate"
                : "the SFT model and the aligned model are one model in two types, between which there is rounding and"
                        + " nothing else: there is nothing to extrapolate; take the other model of the pair, or, if it"
                        + " is this one, a file of it in F32, F16 or BF16";

        Ran ran = extrapolate(sft, same);
        assertRefused(ran, 4, refusal);
        assertThat(ran.err()).doesNotContain("noisy");
        assertRefused(extrapolate(sft, same, "--allow-requantize"), 4, refusal);
        Ran plan = Ran.run("plan", "--sft", sft, "--aligned", same, "--json");
        assertThat(refusal(plan).get("reason").getAsString()).isEqualTo("same-models");
        Ran doctor = Ran.run("doctor", sft, same);
        assertThat(doctor.exitCode()).isEqualTo(4);
        assertThat(doctor.out()).contains(" are not a pair");

        Ran real = Ran.run("plan", "--sft", sft, "--aligned", aligned, "--type", "F32", "--allow-requantize");
        assertThat(real.exitCode()).isZero();
        assertThat(real.err()).doesNotContain("one model").doesNotContain("refuses");
    }

    @Test
    void oneModelInTwoTypesIsRefusedWhereverSomethingIsWritten() throws IOException {
        Path same = directory.resolve("same.gguf");
        Path preferences = DemoFiles.DIRECTORY.resolve("preferences.jsonl");
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Ran.run("quantize", "-m", SFT, "--type", "Q8_0", "-o", same);
        Object[] pair = {"--sft", SFT, "--aligned", same};

        assertRefused(run("export-lora", pair, "--rank", "2", "-o", output()), 4, "one model in two types");
        assertRefused(
                run("export-lora", pair, "--rank", "2", "--allow-requantize", "-o", output()),
                4,
                "one model in two types");
        assertRefused(
                run("search", pair, "--preferences", preferences, "--write", output()), 4, "one model in two types");
        assertThat(run("compare", pair).out()).contains("one model in two types");
        assertThat(run("generate", pair, "--prompts", prompts, "-n", "1", "-o", output())
                        .err())
                .contains("warning: one model in two types");
    }

    @Test
    void theSameModelIsNoMistakeWhereOtherDifferencesAreAdded() {
        Ran ran = extrapolate(SFT, SFT, "--delta", SFT + "," + ALIGNED + ",0.5");

        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void anAlphaThatLosesEveryModelIsRefusedUnlessTheDistanceIsSaid() {
        assertRefused(
                extrapolate(SFT, ALIGNED, "--alpha", "60"),
                2,
                "alpha 60 goes too far: 8.89 % of the SFT model's norm; beyond 5 %, which alpha 34 reaches, every"
                        + " model that was tried had lost what training gave it; --max-distance off insists");
        assertRefused(extrapolate(SFT, ALIGNED, "--rule", "ffn=60"), 2, "alpha 0.3 goes, with the rules, too far: ");
        assertRefused(
                extrapolate(SFT, ALIGNED, "--alpha", "-0.5", "--rule", ".=60"), 2, "goes, with the rules, too far");
        assertRefused(extrapolate(SFT, ALIGNED, "--alpha", "60", "--rule", "attn_norm=1%"), 2, "alpha 60 goes");
        assertRefused(
                extrapolate(SFT, ALIGNED, "--rule", "ffn=-45", "--alpha", "0.3"),
                2,
                "alpha 0.3 goes, with the rules, too far: 4.",
                " % of the SFT model's norm; beyond 4 % behind it, every model that was tried had lost what training gave"
                        + " it; --max-distance off insists");
        assertRefused(
                extrapolate(SFT, ALIGNED, "--alpha", "-60"),
                2,
                "alpha -60 goes too far: 8.60 % of the SFT model's norm; beyond 4 % behind it, every model that was"
                        + " tried had lost what training gave it; --max-distance off insists");
        assertRefused(extrapolate(SFT, ALIGNED, "--alpha", "-30"), 2, "4.23 % of the SFT model's norm; beyond 4 %");
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "-27", "--force").exitCode())
                .as("3.8 % behind the SFT model")
                .isZero();
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "32", "--force").exitCode())
                .isZero();
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "-2.5", "--force").exitCode())
                .isZero();
        assertThat(extrapolate(SFT, ALIGNED, "--distance", "8.89%", "--force").exitCode())
                .isZero();
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "-60", "--max-distance", "off", "--force")
                        .exitCode())
                .isZero();
    }

    @Test
    void aBoundOnTheDistanceIsKept() throws IOException {
        Object[] bound = {"--alpha", "5", "--max-distance", "0.8%"};
        String refusal = "alpha 5 goes too far: 0.87 % of the SFT model's norm, and --max-distance is 0.8%";
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] pair = {"--sft", SFT, "--aligned", ALIGNED};

        assertRefused(extrapolate(SFT, ALIGNED, bound), 2, refusal);
        assertRefused(Ran.runWithInput("/quit\n", words("chat", pair, bound)), 2, refusal);
        assertThat(run("plan", pair, bound).err()).contains("warning: 'extrapolate' refuses this: " + refusal);
        assertThat(run("eval", pair, "--prompts", prompts, "-n", "2", "--alpha", "5", "--max-distance", "0.8%")
                        .err())
                .contains("warning: " + refusal);
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "5", "--max-distance", "0.9%")
                        .exitCode())
                .isZero();
        assertThat(extrapolate(SFT, ALIGNED, "--alpha", "60", "--max-distance", "9%", "--force")
                        .exitCode())
                .isZero();
        Files.delete(output());
        assertRefused(
                Ran.runWithInput("", words("chat", pair, "--logits", "--max-distance", "9%")),
                2,
                "--logits computes nothing with weights");
    }

    /** Of a pair a step is an alpha; of checkpoints it leads along a line. */
    @Test
    void aStepAtWhichEveryModelIsLostIsRefused() throws IOException {
        Path text = Files.writeString(directory.resolve("text.txt"), "Which city rules Chile? ".repeat(60));
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] run = {
            "--checkpoint",
            "0=" + SFT,
            "--checkpoint",
            "10=" + DemoFiles.DIRECTORY.resolve("guide-dpo-10-f16.gguf"),
            "--checkpoint",
            "20=" + ALIGNED,
            "--to",
            "10000"
        };
        String[] refusal = {
            "step 10000 goes too far: ",
            " of the first checkpoint's norm; beyond 5 %, every model that was tried had lost what training gave it;"
                    + " --max-distance off insists"
        };

        Object[] written = {"--type", "F32", "-o", output()};
        assertRefused(run("extrapolate", run, written), 2, refusal);
        assertRefused(run("extrapolate", run, "--dry-run", "--type", "F32"), 2, refusal);
        assertRefused(run("imatrix", run, "--text", text, "-o", output()), 2, refusal);
        assertRefused(run("generate", run, "--prompts", prompts, "-n", "2", "-o", output()), 2, refusal);
        assertRefused(Ran.runWithInput("/quit\n", words("chat", run)), 2, refusal);
        assertThat(run("plan", run).err()).contains("warning: 'extrapolate' refuses this: step 10000", refusal[1]);
        assertThat(run("eval", run, "--prompts", prompts, "-n", "2").err())
                .contains("warning: step 10000 goes too far");
        run[run.length - 1] = "40";
        assertRefused(
                run(
                        "extrapolate",
                        run,
                        Stream.concat(Stream.of(written), Stream.of("-a", "-900"))
                                .toArray()),
                2,
                "step 40 at alpha -900 goes too far: ");
        assertThat(run("extrapolate", run, written).exitCode()).isZero();
        Files.delete(output());
        run[run.length - 1] = "-10000";
        assertRefused(run("extrapolate", run, "--type", "F32", "-o", directory.resolve("back.gguf")), 2, "step -10000");
        assertThat(run("extrapolate", run, "--max-distance", "off", "-o", directory.resolve("back.gguf"))
                        .exitCode())
                .isZero();
    }

    @Test
    void publishedAlphasGoOnHoweverFarTheModelsLie() throws IOException {
        Path far = TinyPair.model(directory.resolve("far.gguf"), "token_embd.weight", 0.05f);
        Path sft = TinyPair.model(directory.resolve("sft.gguf"), "token_embd.weight", 0);

        assertThat(extrapolate(sft, far, "--alpha", "0.5").exitCode()).isZero();
        assertThat(extrapolate(sft, far, "--alpha", "0.6", "--force").exitCode())
                .isEqualTo(2);
    }

    /** By the files alpha 8 goes to 22 %, where the judge of the miniature family finds nothing lost. */
    @Test
    void roundingOfTheInputsCountsWhereAlphaMakesItLarge() throws IOException {
        assertThat(coarse("--alpha", "8", "--type", "Q8_0", "--allow-requantize")
                        .exitCode())
                .isZero();
        Files.delete(output());
        assertRefused(
                coarse("--alpha", "20", "--type", "Q8_0"),
                2,
                " of the SFT model's norm, with the rounding of the inputs, which alpha multiplies; beyond 40 %, which"
                        + " alpha 15 reaches, every model");
    }

    @Test
    void anAdapterThatIsMultipliedIsNoPublishedModel() throws IOException {
        Path lora = directory.resolve("lora.gguf");
        Ran.run("export-lora", "--sft", SFT, "--aligned", ALIGNED, "--rank", "8", "-o", lora);

        assertThat(adapted(lora, "").exitCode()).isZero();
        Files.delete(output());
        String multiplied = "alpha 0.3 goes, with the weight of --adapter, too far: ";
        assertRefused(adapted(lora, "=60"), 2, multiplied, "; --max-distance off ");
        assertRefused(adapted(lora, "=1e30"), 2, multiplied, " times the SFT model's norm; beyond 5 %");
    }

    @Test
    void aFurtherDeltaThatLosesEveryModelIsRefused() throws IOException {
        assertRefused(
                extrapolate(SFT, ALIGNED, "--delta", SFT + "," + ALIGNED + ",60"),
                2,
                "weight 60 of --delta goes too far: at least 8.", // 58.7 times 0.146, less the rounding of F16
                " % of the SFT model's norm; beyond 5 %, every model that was tried had lost what training gave it;"
                        + " --max-distance off insists");
        assertThat(extrapolate(SFT, ALIGNED, "--delta", SFT + "," + ALIGNED + ",60", "--distance", "0.19%")
                        .exitCode())
                .isZero();
        Files.delete(output());
        assertThat(extrapolate(SFT, ALIGNED, "--delta", SFT + "," + ALIGNED + ",-1")
                        .exitCode())
                .isZero();
    }

    /** The first of 128 directions hold at least their share of the squares, whatever they are. */
    @Test
    void aRankDoesNotHideHowFarAlphaGoes() {
        assertRefused(
                extrapolate(SFT, ALIGNED, "--alpha", "1000", "--rank", "8"),
                2,
                "alpha 1000 goes too far: at least ",
                "; beyond 5 %, every model that was tried had lost what training gave it; --max-distance off insists");
    }

    private Ran adapted(Path lora, String weight) {
        return Ran.run(
                "extrapolate",
                "--sft",
                SFT,
                "--adapter",
                lora + weight,
                "--alpha",
                "0.3",
                "--type",
                "F32",
                "-o",
                output());
    }

    @Test
    void modelsThatAreLostAreMeasuredAndNotUsed() throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] pair = {"--sft", SFT, "--aligned", ALIGNED, "--prompts", prompts, "-n", "2", "--threads", "1"};

        Ran generated = run("generate", pair, "--alpha", "60", "-o", output());
        assertRefused(generated, 2, "alpha 60 goes too far: 8.89 %", "--max-distance off insists");
        for (Ran measured : List.of(
                run("eval", pair, "--alpha", "0,60,5,-20"), run("search", pair, "--alphas", "60", "--temp", "0"))) {
            assertThat(measured.exitCode()).isZero();
            assertThat(measured.err()).contains("expo-gguf: warning: alpha 60 goes too far: 8.89 %");
        }
    }

    /** Their weights have no room for the step; their logits have. */
    @Test
    void twoDownloadsOfFourBitsInMemoryNameTheLogits() throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] pair = {"--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf"), "-t", "1"};
        Object[] asked = {"--prompts", prompts, "-n", "2"};
        String warning = "expo-gguf: warning: aligned.gguf: only 0.";
        String rounding = "rounding of both models to Q4_K may make up all of the difference between them";
        String wayOut =
                "; --logits extrapolates what the two models say, from files of any type; in another type, too, "
                        + rounding + ": take them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors\n";

        for (Ran ran : List.of(
                Ran.runWithInput("/quit\n", words("chat", pair)),
                run("eval", pair, Stream.of(asked).toArray()),
                run("generate", pair, "--prompts", prompts, "-n", "2", "-o", output()),
                run("search", pair, "--prompts", prompts, "-n", "2", "--start", "0.1", "--max-evaluations", "2"))) {
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).contains(warning, " % of alpha arrives (0.00", wayOut);
        }
        assertThat(Ran.runWithInput("/quit\n", words("chat", pair, "--type=Q8_0"))
                        .err())
                .isEqualTo("expo-gguf: warning: aligned.gguf: " + rounding
                        + "; --logits extrapolates what the two models say, from files of any type; take them in F16,"
                        + " BF16, F32 or Q8_0, or the folders of their .safetensors\n");
        for (String way : List.of("--logits", "--alpha=0")) {
            assertThat(Ran.runWithInput("/quit\n", words("chat", pair, way)).err())
                    .isEmpty();
        }
    }

    /** Factors of rotations are computed from a configuration: between two of them lies none. */
    @Test
    void rotaryFactorsOfNeitherModelAreAWarning() throws IOException {
        TinyModel model =
                TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 4, 4)).with("rope_freqs.weight", GgmlType.F32, 8);
        TensorValues values = TensorValues.random(1);
        Path sft = model.write(directory.resolve("sft.gguf"), values);
        Path aligned = model.write(
                directory.resolve("aligned.gguf"),
                tensor -> tensor.name().startsWith("rope_")
                        ? new float[] {1, 1, 1, 2, 4, 8, 8, 8}
                        : plus(values.of(tensor), 0.01, TensorValues.random(2).of(tensor)));
        String warning = "expo-gguf: warning: rope_freqs.weight differs between the two models, computed from their"
                + " configurations and not trained; extrapolated like weights, the output's are those of neither; --rule"
                + " 'rope_=copy' keeps the aligned model's\n";
        Object[] pair = {"--sft", sft, "--aligned", aligned};

        assertThat(extrapolate(sft, aligned).err()).isEqualTo(warning);
        assertThat(run("plan", pair).err()).isEqualTo(warning);
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        Object[] asked = {"--prompts", prompts, "-n", "2", "-t", "1", "--chat-template", "chatml"};
        assertThat(run("eval", pair, asked).err()).contains(warning);
        assertThat(run("plan", pair, "--rule", "rope_=copy").err()).isEmpty();
        assertThat(run("plan", pair, "--alpha", "0").err()).isEmpty();
    }

    private static Object[] words(String command, Object[] pair, Object... more) {
        return Stream.of(Stream.<Object>of(command), Stream.of(pair), Stream.of(more))
                .flatMap(words -> words)
                .toArray();
    }

    private static Ran run(String command, Object[] pair, Object... more) {
        return Ran.run(words(command, pair, more));
    }

    @Test
    void anAlphaBesideAPresetIsSaid() {
        assertThat(extrapolate(SFT, ALIGNED, "--preset", "zephyr-7b-beta", "--distance", "1%")
                        .err())
                .contains("expo-gguf: note: the published alpha of --preset zephyr-7b-beta, 0.1, gives way to the one"
                        + " that the command line says");
    }
}
