package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
            "the aligned model is already in Q4_K, Q6_K",
            "extrapolate from files in their checkpoints' type (F32, F16 or BF16), write another type, or use"
                    + " --rounding stochastic; --allow-requantize accepts the loss"
        };

        assertRefused(coarse("--type", "Q4_K_M"), 3, remedies);
        assertRefused(coarse(), 3, remedies); // the types stay
        assertRefused(coarse("--type", "Q4_K_M", "--dry-run"), 3, remedies);
        assertRefused(coarse("--type", "Q4_K_M", "--rounding", "nearest"), 3, remedies);
    }

    @Test
    void oneOfSeveralOutputsIsEnough() {
        Path pattern = directory.resolve("out-{type}.gguf");
        Ran ran = Ran.run(
                "extrapolate",
                "--sft",
                inputs.resolve("sft.gguf"),
                "--aligned",
                inputs.resolve("aligned.gguf"),
                "--type",
                "Q8_0,Q4_K_M",
                "-o",
                pattern);

        assertRefused(ran, 3, " % of alpha would arrive with alpha 0.3, Q4_K_M (0.00");
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--allow-requantize", "--rounding=stochastic", "--type=Q8_0", "--alpha=1.5"})
    void whoInsistsOrTakesARemedyGoesOn(String remedy) {
        Ran ran = coarse(remedy);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).doesNotContain("error: ");
        assertThat(output()).exists();
    }

    @Test
    void planSaysWhatWouldBeRefusedAndShowsIt() {
        Ran ran = Ran.run("plan", "--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf"));

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).contains("expo-gguf: warning: 'extrapolate' refuses this: aligned.gguf: only 0.");
        assertThat(ran.out()).contains("predicted realised alpha 0.00");
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
        assertThat(coarse("--alpha", "8", "--type", "Q8_0").exitCode()).isZero();
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
        assertRefused(adapted(lora, "=60"), 2, "alpha 0.3 goes too far: ", "; --max-distance off ");
        assertRefused(adapted(lora, "=1e30"), 2, "alpha 0.3 goes too far: ", " times the SFT model's norm; beyond 5 %");
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
        String wayOut = "; --logits extrapolates what the two models say, from files of any type; --type Q8_0 has room";

        for (Ran ran : List.of(
                Ran.runWithInput("/quit\n", words("chat", pair)),
                run("eval", pair, Stream.of(asked).toArray()),
                run("generate", pair, "--prompts", prompts, "-n", "2", "-o", output()),
                run("search", pair, "--prompts", prompts, "-n", "2", "--start", "0.1", "--max-evaluations", "2"))) {
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).contains(warning, " % of alpha arrives (0.00", wayOut);
        }
        for (String way : List.of("--logits", "--type=Q8_0")) {
            assertThat(Ran.runWithInput("/quit\n", words("chat", pair, way)).err())
                    .isEmpty();
        }
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
