package io.github.expogguf.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.text.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class EvalCommandTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final Path SFT = DEMO.resolve("guide-sft-f16.gguf");
    private static final Path DPO = DEMO.resolve("guide-dpo-100-f16.gguf");

    @TempDir
    private Path directory;

    private Path preferences;
    private Path prompts;

    @BeforeEach
    void writeSomeOfTheDemo() throws IOException {
        preferences = head("preferences.jsonl", 10);
        prompts = head("prompts.jsonl", 6);
    }

    private Path head(String name, int lines) throws IOException {
        return DemoFiles.head(name, lines, directory.resolve(name));
    }

    private static Ran eval(Object... words) {
        return Ran.run(Stream.concat(Stream.of("eval", "-q", "-t", "1", "--temp", "0"), Stream.of(words))
                .toArray());
    }

    private static double value(Ran ran, String name) {
        return score(ran, name).get("value").getAsDouble();
    }

    private static JsonObject score(Ran ran, String name) {
        assertThat(ran.err()).isEmpty();
        return ran.json().getAsJsonObject("scores").getAsJsonObject(name);
    }

    @Test
    void preferencesGiveMarginsAndAccuracies() throws IOException {
        head("preferences.jsonl", 40);
        Ran sft = eval("-m", SFT, "--preferences", preferences, "--json");
        Ran dpo = eval("-m", DPO, "--preferences", preferences, "--against-sft", SFT, "--beta", "0.1", "--json");
        assertThat(sft.json().getAsJsonObject("scores").keySet())
                .containsExactly("margin", "accuracy", "margin-per-token", "accuracy-per-token");
        double gain = value(dpo, "margin") - value(sft, "margin");
        assertThat(value(dpo, "implicit-reward")).isEqualTo(0.1 * gain, within(1e-6));
        assertThat(value(dpo, "implicit-accuracy")).isBetween(0.7, 1.0);
        assertThat(score(dpo, "margin").get("of").getAsString()).isEqualTo("40 pairs");
        assertThat(score(dpo, "margin").get("error").getAsDouble()).isBetween(0.1, 5.0);
    }

    @Test
    void aPairIsComparedWithItselfAtAlphaZero() {
        Ran ran = eval("--sft", SFT, "--aligned", DPO, "--alpha", "8", "--prompts", prompts, "-n", "48", "--json");
        assertThat(ran.json().get("alpha").getAsDouble()).isEqualTo(8);
        assertThat(value(ran, "length")).isGreaterThan(1.2); // src/demo/README.md: alpha 8 repeats itself
        assertThat(value(ran, "repetition")).isGreaterThan(0.1);
        assertThat(value(ran, "kl")).isGreaterThan(0.1);
        assertThat(value(ran, "top1")).isLessThan(1);

        Ran zero = eval("--sft", SFT, "--aligned", DPO, "--alpha", "0", "--prompts", prompts, "--json");
        assertThat(value(zero, "kl")).isEqualTo(0, within(1e-5));
        assertThat(value(zero, "top1")).isEqualTo(1);
        assertThat(value(zero, "length")).isEqualTo(1);
    }

    @Test
    void aTextGivesPerplexityAndDivergence() throws IOException {
        Ran ran = eval(
                "-m",
                SFT,
                "--text",
                head("calibration.txt", 60),
                "--chunk",
                "128",
                "--against-aligned",
                DPO,
                "-np",
                "4",
                "--json");
        assertThat(value(ran, "perplexity")).isBetween(1.0, 10.0);
        assertThat(score(ran, "perplexity").get("error").getAsDouble()).isBetween(0.001, 1.0);
        assertThat(value(ran, "kl")).isBetween(0.01, 5.0);
        assertThat(score(ran, "kl").get("unit").getAsString()).isEqualTo("nats per token");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judge of this test is POSIX shell")
    void aJudgeScoresTheAnswers() {
        Ran ran = eval("-m", DPO, "--prompts", prompts, "--judge", "sed 's/.*/2.5/'");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .contains("guide-dpo-100-f16.gguf")
                .contains("score")
                .containsPattern("judge +2\\.5000 +0\\.0000");
        assertThat(ran.out()).containsPattern("cut-off +0\\.0000 +0\\.0000 +of 1 +6 answers");

        Ran failing = eval("-m", DPO, "--prompts", prompts, "--judge", "cat >/dev/null; exit 3");
        assertThat(failing.exitCode()).isEqualTo(ExitCode.JUDGE.code());
        assertThat(failing.err()).contains("exit code 3, expected 0; it printed 0 of 6 scores");
    }

    @Test
    void aModelWithoutAHeadIsNoRewardModel() {
        Ran ran = eval("-m", DPO, "--prompts", prompts, "--reward-model", SFT);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.NATIVE.code());
        assertThat(ran.err()).contains("guide-sft-f16.gguf: there is no ranking head");
    }

    @Test
    void badFilesAreRefusedByFileAndLine() throws IOException {
        Files.writeString(preferences, "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n[1]\n");
        Ran ran = eval("-m", DPO, "--preferences", preferences);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
        assertThat(ran.err()).isEqualTo("expo-gguf: error: preferences.jsonl:2: not a JSON object: [1]\n");
        Path text = Files.writeString(directory.resolve("short.txt"), "Hello!");
        assertThat(eval("-m", DPO, "--text", text).err())
                .contains("short.txt: the text has 3 tokens, expected at least");
    }

    @Test
    void wrongOptionsAreRefused() throws IOException {
        assertThat(eval("-m", DPO).err())
                .contains("missing required option: '--text=FILE' (or --preferences or --prompts)");
        assertThat(eval("-m", DPO, "--text", "x", "--judge", "cat").err())
                .contains("missing required option: '--prompts=FILE'\n");
        assertThat(eval("-m", DPO, "--prompts", prompts, "--chunk", "3").err()).contains("--chunk is 3");
        assertThat(eval("-m", DPO, "--text", prompts, "--chunk", "48", "-c", "32")
                        .err())
                .contains(
                        "its chunks have 48 tokens, for which --ctx-size 32 is too small; give --chunk 32, or --ctx-size"
                                + " 48");
        assertThat(eval("-m", DPO, "--prompts", prompts, "--seeds", "1000000000")
                        .err())
                .contains("--seeds is 1000000000, expected at most 10000");
        assertThat(eval("-m", DPO, "--prompts", prompts, "--judge", " ").err()).contains("the judge command is empty");
        assertThat(eval("--sft", SFT, "--aligned", DPO, "--prompts", prompts, "--against-aligned", DPO)
                        .err())
                .contains("--against-aligned is for --model");
        Object[] pair = {"--sft", SFT, "--aligned", DPO, "--preferences", preferences};
        assertThat(evalPair(pair, "--type", "F16,Q8_0").err()).contains("one model is asked: give one --type");
        assertThat(evalPair(pair, "--json", "--csv", "-").err()).contains("both write to stdout");
        Path table = Files.writeString(directory.resolve("scores.csv"), "");
        assertThat(evalPair(pair, "--csv", table).err()).contains("--force replaces it");
        assertThat(evalPair(pair, "--alpha", "0:2").err())
                .contains("'0:2' is neither a number nor a range from:to:step");
    }

    private static Ran evalPair(Object[] pair, Object... words) {
        return eval(Stream.concat(Stream.of(pair), Stream.of(words)).toArray());
    }

    @Test
    void reportNamesWhatTheModelWasMadeOf() {
        Object[] pair = {"--sft", SFT, "--aligned", DPO, "--preferences", preferences, "--alpha", "1", "--rank", "4"};
        assertThat(evalPair(pair).out().lines().limit(2))
                .containsExactly(DPO.getFileName() + " at alpha 1", "sft " + SFT.getFileName() + ", weights --rank 4");
        JsonObject inputs = evalPair(pair, "--json").json().getAsJsonObject("inputs");
        assertThat(inputs.get("sft").getAsString()).matches(SFT.getFileName() + " \\(fingerprint [0-9a-f]{16}\\)");
        assertThat(inputs.get("aligned").getAsString()).startsWith(DPO.getFileName() + " (fingerprint ");
        assertThat(inputs.get("weights").getAsString()).isEqualTo("--rank 4");

        Object[] logits = {
            "--sft", SFT, "--aligned", DPO, "--preferences", preferences, "--alpha", "1", "--logits", "--json"
        };
        assertThat(evalPair(logits).json().getAsJsonObject("inputs").keySet())
                .containsExactly("sft", "aligned", "logits");
    }

    @Test
    void severalAlphasAreTheSameMeasurementsInOneTable() throws IOException {
        Path table = directory.resolve("scores.csv");
        Object[] pair = {"--sft", SFT, "--aligned", DPO, "--preferences", preferences, "--prompts", prompts, "-n", "24"
        };
        Ran one = evalPair(pair, "--alpha", "1", "--json");
        JsonArray several = evalPair(pair, "--alpha", "2:0:-1", "--json").json().getAsJsonArray("evaluations");
        assertThat(several).hasSize(3);
        JsonObject middle = several.get(1).getAsJsonObject();
        assertThat(middle.get("alpha").getAsDouble()).isEqualTo(1);
        assertThat(middle.get("scores")).isEqualTo(one.json().get("scores"));
        assertThat(one.json().has("evaluations")).isFalse();

        Ran text = evalPair(pair, "--alpha", "0,1,2", "--csv", table);
        assertThat(text.err()).isEmpty();
        assertThat(text.out().lines().findFirst())
                .contains("guide-dpo-100-f16.gguf at 3 alphas; 10 pairs, 6 answers, 6 texts");
        assertThat(text.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        String margin = Numbers.fixed(value(one, "margin"), 4);
        assertThat(text.out()).containsPattern("\n +alpha +margin".replace(" +alpha", " *alpha"));
        assertThat(text.out()).containsPattern("\n +1 +" + margin);
        assertThat(text.out().lines().filter(line -> line.startsWith("alpha"))).hasSizeGreaterThan(2);

        assertThat(table).content().startsWith("alpha,margin,margin_error,accuracy,accuracy_error,margin_per_token,");
        assertThat(Files.readAllLines(table)).hasSize(4).element(2, STRING).startsWith("1," + value(one, "margin"));
        assertThat(evalPair(pair, "--alpha", "0,1,2", "--csv", "-").out()).isEqualTo(Files.readString(table));
    }

    @Test
    void severalSeedsAreAsManyAnswersAndTheirSpread() throws IOException {
        List<String> some = Files.readAllLines(prompts).subList(0, 3);
        Path single = directory.resolve("single.jsonl");
        Object[] how = {"--sft", SFT, "--aligned", DPO, "--alpha", "2", "-n", "24", "--json"};
        double[][] tokens = new double[3][2];
        double[][] kl = new double[3][2];
        for (int prompt = 0; prompt < 3; prompt++) {
            Files.writeString(single, some.get(prompt));
            for (int seed = 0; seed < 2; seed++) {
                Ran one = evalDrawn(how, "--prompts", single, "-s", 2 * prompt + seed);
                tokens[prompt][seed] = value(one, "tokens");
                kl[prompt][seed] = value(one, "kl");
            }
        }
        Files.write(prompts, some);

        Ran ran = evalDrawn(how, "--prompts", prompts, "-s", "0", "--seeds", "2");

        assertThat(ran.json().get("seeds").getAsInt()).isEqualTo(2);
        assertSeeds(score(ran, "tokens"), tokens);
        assertSeeds(score(ran, "kl"), kl);
        assertThat(score(ran, "tokens").get("of").getAsString()).isEqualTo("6 answers");
        assertThat(score(ran, "length").get("betweenSeeds").getAsDouble()).isPositive();
    }

    private static Ran evalDrawn(Object[] words, Object... more) {
        return Ran.run(Stream.of(Stream.of("eval", "-q", "-t", "1", "--temp", "0.9"), Stream.of(words), Stream.of(more))
                .flatMap(part -> part)
                .toArray());
    }

    private static void assertSeeds(JsonObject score, double[][] numbers) {
        double[] first =
                DoubleStream.of(numbers[0][0], numbers[1][0], numbers[2][0]).toArray();
        double[] second =
                DoubleStream.of(numbers[0][1], numbers[1][1], numbers[2][1]).toArray();
        double gap = (DoubleStream.of(first).sum() - DoubleStream.of(second).sum()) / 3;
        double[] byPrompt = IntStream.range(0, 3)
                .mapToDouble(i -> (first[i] + second[i]) / 2)
                .toArray();
        double mean = DoubleStream.of(byPrompt).sum() / 3;
        double squares = DoubleStream.of(byPrompt)
                .map(each -> (each - mean) * (each - mean))
                .sum();
        assertThat(score.get("value").getAsDouble()).isEqualTo(mean, within(1e-4 * mean));
        assertThat(score.get("error").getAsDouble()).isEqualTo(Math.sqrt(squares / 6), within(1e-4 * mean));
        assertThat(score.get("betweenSeeds").getAsDouble())
                .isEqualTo(Math.abs(gap) / Math.sqrt(2), within(1e-4 * mean))
                .isPositive();
    }

    @Test
    void whatIsNotDrawnIsMeasuredOnceAndSaysSo() throws IOException {
        Object[] how = {
            "--sft", SFT, "--aligned", DPO, "--prompts", prompts, "--text", prompts, "--chunk", "32", "-n", "8"
        };
        Path table = directory.resolve("scores.csv");
        Ran one = evalDrawn(how, "--alpha", "1", "--seeds", "3");
        assertThat(one.out())
                .containsPattern("tokens +\\d+\\.\\d+ +\\d\\.\\d+ +\\d\\.\\d+ +per answer +18 answers")
                .containsPattern("perplexity +[\\d.]+ +[\\d.]+ +- ")
                .endsWith("3 answers to each prompt; scores without seeds draw nothing, measured once."
                        + System.lineSeparator());
        Ran several = evalDrawn(how, "--alpha", "0:2:1", "--seeds", "3", "--csv", table);
        assertThat(several.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(Files.readAllLines(table))
                .hasSize(4)
                .first(STRING)
                .contains("tokens,tokens_error,tokens_between_seeds,")
                .endsWith(",perplexity,perplexity_error,kl,kl_error,top1,top1_error");
        assertThat(evalDrawn(how, "--alpha", "1").out()).doesNotContain("seeds");
    }

    @Test
    void seedsThatWouldChangeNothingAreRefusedByTheNameThatWasTyped() {
        Object[] text = {"-m", DPO, "--text", prompts};
        assertThat(evalPair(text, "--seeds", "3").err())
                .contains("--seeds 3 without --prompts: only answers are drawn");
        Object[] answers = {"-m", DPO, "--prompts", prompts};
        assertThat(evalPair(answers, "--seeds=3").err()).contains("--seeds 3 with --temp 0 gives the same answer");
        assertThat(evalPair(answers, "--samples", "3").err()).contains("--samples 3 with --temp 0 gives the same");
        assertThat(evalPair(answers, "--seeds", "0").err()).contains("--seeds is 0, expected at least 1");
    }

    @Test
    void logitsAreScoredLikeAModel() throws IOException {
        Object[] on = {
            "--preferences", preferences, "--prompts", prompts, "-n", "24", "--text", prompts, "--chunk", "32"
        };
        Object[] pair = Stream.concat(Stream.of("--sft", SFT, "--aligned", DPO, "--logits"), Stream.of(on))
                .toArray();
        Ran file = eval(Stream.concat(
                        Stream.of("-m", DPO, "--against-aligned", DPO, "--against-sft", SFT, "--json"), Stream.of(on))
                .toArray());
        Ran zero = evalPair(pair, "--alpha", "0", "--json");
        assertThat(zero.json().get("logits").getAsBoolean()).isTrue();
        assertThat(zero.json().get("scores")).isEqualTo(file.json().get("scores"));

        JsonArray several = evalPair(pair, "--alpha", "0:2:2", "--json").json().getAsJsonArray("evaluations");
        assertThat(several.get(0).getAsJsonObject().get("scores"))
                .isEqualTo(zero.json().get("scores"));
        Ran two = evalPair(pair, "--alpha", "2", "--json");
        assertThat(several.get(1).getAsJsonObject().get("scores"))
                .isEqualTo(two.json().get("scores"));
        for (String score : new String[] {"margin", "perplexity", "kl"}) {
            assertThat(value(two, score)).as(score).isGreaterThan(value(zero, score));
        }
        assertThat(evalPair(pair, "--alpha", "2").out())
                .startsWith("guide-dpo-100-f16.gguf, logits at alpha 2" + System.lineSeparator());
    }

    @Test
    void logitsTakeAPairAndNothingOfWeights() {
        Object[] pair = {"--sft", SFT, "--aligned", DPO, "--preferences", preferences, "--logits"};
        assertThat(evalPair(pair, "--alpha", "0,1", "--type", "Q8_0").err())
                .contains("--logits computes nothing with weights");
        assertThat(eval("-m", DPO, "--preferences", preferences, "--logits").err())
                .contains("--logits takes a pair, --sft and --aligned, in place of a model");
    }

    @Test
    void aModelWithAGuideIsScoredAtEveryAlpha() {
        Path small = DEMO.resolve("guide-dpo-20-f16.gguf");
        Object[] model = {"-m", DPO, "--preferences", preferences, "--json"};
        Ran alone = evalPair(model);
        Ran guided = evalPair(model, "--guide", SFT + "," + small + ",0:2:2");
        assertThat(guided.err()).isEmpty();
        assertThat(guided.json().get("guided").getAsBoolean()).isTrue();
        JsonArray several = guided.json().getAsJsonArray("evaluations");
        assertThat(several).hasSize(2);
        assertThat(several.get(0).getAsJsonObject().get("scores"))
                .isEqualTo(alone.json().get("scores"));
        assertThat(evalPair(model, "--guide", SFT + "," + small + ",2").json().get("scores"))
                .isEqualTo(several.get(1).getAsJsonObject().get("scores"))
                .isNotEqualTo(alone.json().get("scores"));
        assertThat(evalPair(model, "--guide", SFT + "," + small)
                        .json()
                        .get("alpha")
                        .getAsDouble())
                .isEqualTo(1);
    }

    @Test
    void aGuideTakesAModelAsItIs() {
        Object[] model = {"--preferences", preferences, "--guide", SFT + "," + DPO};
        String problem = "--guide steers a model as it is";
        assertThat(evalPair(model, "-m", DPO, "--type", "Q8_0").err()).contains(problem);
        assertThat(evalPair(model, "--sft", SFT, "--aligned", DPO).err()).contains(problem);
        assertThat(evalPair(model, "-m", DPO, "--logits").err()).contains("--logits takes a pair");
        assertThat(evalPair(model, "-m", DPO, "--against-aligned", DPO).err())
                .contains("one with a --guide is compared with itself at alpha 0");
        assertThat(eval("-m", DPO, "--preferences", preferences, "--guide", "one.gguf")
                        .err())
                .contains("'one.gguf' is not SFT2,ALIGNED2 with an alpha or without");
    }
}
