package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of training on the command line; the miniature family stands for the checkpoints of a run. */
class TrajectoryCommandTest {

    private static final Path DPO_10 = DemoFiles.DIRECTORY.resolve("guide-dpo-10-f16.gguf");

    private static final List<Ingredients.Checkpoint<Path>> CHECKPOINTS = List.of(
            new Ingredients.Checkpoint<>(0, DemoFiles.SFT),
            new Ingredients.Checkpoint<>(10, DPO_10),
            new Ingredients.Checkpoint<>(20, DemoFiles.ALIGNED),
            new Ingredients.Checkpoint<>(100.5, DemoFiles.DPO_100));

    @TempDir
    private Path directory;

    private Path output() {
        return directory.resolve("out.gguf");
    }

    /** With the first so many checkpoints, the last one first. */
    private static Ran run(int checkpoints, Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        CHECKPOINTS.subList(0, checkpoints).reversed().forEach(checkpoint -> {
            all.add("--checkpoint");
            all.add(checkpoint.step() + "=" + checkpoint.model());
        });
        return Ran.run(all.toArray());
    }

    @Test
    void predictsAndVerifies() throws IOException {
        Ran ran = run(4, "extrapolate", "--to", "150", "--type", "F16", "-o", output());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("F16, step 150 predicted from steps 0, 10,\n    20, 100.5\n")
                .containsPattern(
                        " {2}first direction \\d\\d\\.\\d % of the checkpoints' deltas, R2 of the line 0\\.\\d{4}\n")
                .containsPattern(" {2}held out: the others miss the last checkpoint by \\d+ % of its distance from\n"
                        + " {4}the one before\n")
                .contains("  realised part of the step 1 ")
                .containsPattern(
                        " {2}distance \\d\\.\\d\\d % of the first checkpoint's norm, the last checkpoint 0\\.\\d\\d %\n");

        Path library = directory.resolve("library.gguf");
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(CHECKPOINTS))) {
            models.write(PlanOptions.builder().toStep(150).fileType("F16").build(), library, OutputOptions.defaults());
        }
        assertThat(Files.mismatch(output(), library)).isEqualTo(-1);

        Ran verified = run(4, "verify", output());
        assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
        assertThat(verified.out()).contains("--type F16 --to 150").contains("recomputation: ok");
        JsonObject recipe = run(4, "verify", output(), "--json").json().getAsJsonObject("recipe");
        assertThat(recipe.getAsJsonArray("checkpoints")).hasSize(4);
        assertThat(recipe.getAsJsonArray("checkpoints")
                        .get(3)
                        .getAsJsonObject()
                        .get("step")
                        .getAsDouble())
                .isEqualTo(100.5);

        Ran others = Ran.run(
                "verify",
                output(),
                "--checkpoint",
                "0=" + DemoFiles.SFT,
                "--checkpoint",
                "7=" + DPO_10,
                "--checkpoint",
                "20=" + DemoFiles.ALIGNED,
                "--checkpoint",
                "1000=" + DemoFiles.DPO_100);
        assertThat(others.exitCode()).isEqualTo(ExitCode.VERIFICATION.code());
        assertThat(others.out())
                .contains("recomputation: failed\n")
                .contains("was made from the checkpoint of step 10 (guide-dpo-10-f16.gguf), given was step 7"
                        + " (guide-dpo-10-f16.gguf)\n")
                .contains("was made from the checkpoint of step 100.5 (guide-dpo-100-f16.gguf), given was step 1000 ")
                .contains(": 2 findings\n");
        Ran swapped = Ran.run(
                "verify",
                output(),
                "--checkpoint",
                "0=" + DemoFiles.SFT,
                "--checkpoint",
                "10=" + DemoFiles.ALIGNED,
                "--checkpoint",
                "20=" + DPO_10,
                "--checkpoint",
                "100.5=" + DemoFiles.DPO_100);
        assertThat(swapped.exitCode()).isEqualTo(ExitCode.VERIFICATION.code());
        assertThat(swapped.out())
                .contains("the checkpoint of step 10 and the checkpoint of step 20 are exchanged:"
                        + " guide-dpo-20-f16.gguf is the checkpoint of step 20 that the file was made from,"
                        + " guide-dpo-10-f16.gguf the checkpoint of step 10\n")
                .contains(": 1 finding\n");

        assertThat(Ran.run("verify", output()).out())
                .contains("recomputation: not checked, needs its inputs (--checkpoint STEP=FILE of each)\n");

        Ran fewer = run(3, "verify", output());
        assertThat(fewer.exitCode()).isEqualTo(ExitCode.VERIFICATION.code());
        assertThat(fewer.out()).contains("was made from 4 checkpoints, given were 3 checkpoints");
    }

    /** Alpha is 1 there, which nobody asked for. */
    @Test
    void severalOutputsAreToldByTheirStep() {
        Ran plan = run(4, "plan", "--to", "90", "--type", "F16,Q2_K");
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out()).startsWith("step 90, F16\n").contains("\nstep 90, Q2_K\n");
        assertThat(plan.out() + plan.err()).doesNotContain("alpha");
        assertThat(run(4, "plan", "--to", "90", "--alpha", "0.5", "--type", "F16,Q8_0")
                        .out())
                .contains("\nstep 90 at alpha 0.5, Q8_0\n", "predicted realised alpha 0.");
    }

    @Test
    void plansForPeopleAndForPrograms() {
        Ran plan = run(4, "plan", "--to", "90");
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out())
                .contains("\nstep 90 predicted from steps 0, 10, 20, 100.5\n")
                .contains("\nfirst direction ")
                .contains("\nheld out: ")
                .contains("predicted realised part of the step ");
        assertThat(plan.err())
                .contains("note: step 90 does not lie beyond the last checkpoint, of step 100.5: what is written is"
                        + " smoothed, and not extrapolated");

        JsonObject output = run(4, "plan", "--to", "150", "--json")
                .json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject();
        assertThat(output.get("toStep").getAsDouble()).isEqualTo(150);
        assertThat(output.get("alpha").getAsDouble()).isEqualTo(1);
        assertThat(output.getAsJsonArray("checkpoints")).hasSize(4);
        JsonObject trajectory = output.getAsJsonObject("trajectory");
        assertThat(trajectory.get("share").getAsDouble()).isBetween(0.5, 1.0);
        assertThat(trajectory.get("rSquared").getAsDouble()).isBetween(0.0, 1.0);
        assertThat(trajectory.get("missed").getAsDouble()).isPositive();
        assertThat(trajectory.getAsJsonObject("tensors").keySet())
                .hasSize(output.getAsJsonArray("tensors").size());
        assertThat(trajectory
                        .getAsJsonObject("tensors")
                        .getAsJsonObject("output.weight")
                        .get("share")
                        .getAsDouble())
                .isBetween(0.5, 1.0);
    }

    /** As if the last model had been trained a hundred times as long. */
    @Test
    void warnsWhereTrainingDoesNotGoStraightOn() {
        String warning = "warning: the last checkpoint is closer to the one before than to what the others predict";
        Object[] far = {"plan", "--to", "15000", "--checkpoint", "10000=" + DemoFiles.DPO_100};
        Ran ran = run(3, far);
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).contains(warning);
        assertThat(ran.out()).containsPattern("held out: the others miss the last checkpoint by \\d{4,} %");
        assertThat(run(4, "plan", "--to", "150").err()).doesNotContain(warning);
        assertThat(run(3, "plan", "--to", "30").err())
                .as("three are too few to leave one out")
                .doesNotContain(warning);
        assertThat(run(3, "plan", "--to", "30").out())
                .doesNotContain("held out")
                .doesNotContain("R2");
    }

    private static Ran plan(Path first, Path between, Path last) {
        return Ran.run(
                "plan",
                "--checkpoint",
                "0=" + first,
                "--checkpoint",
                "10=" + between,
                "--checkpoint",
                "20=" + last,
                "--to",
                "30");
    }

    @Test
    void everyCheckpointIsLookedAt() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path between = TinyPair.model(directory.resolve("between.gguf"), 0.005f, Map.of());
        assertThat(plan(pair.sft(), between, pair.aligned()).err()).isEmpty();

        Path other = TinyPair.unrelatedModel(directory.resolve("other.gguf"));
        assertThat(plan(pair.sft(), other, pair.aligned()).err())
                .startsWith("expo-gguf: warning: step 10 beside step 0: unrelated: the weights point in different")
                .contains("warning: 'extrapolate' refuses this: step 30 goes too far: ")
                .hasLineCount(2);
        Path far = TinyPair.model(directory.resolve("far.gguf"), 0.1f, Map.of());
        assertThat(plan(pair.sft(), far, pair.aligned()).err())
                .containsPattern(
                        "warning: step 10 beside step 0: far apart: the delta is \\d+ % of the first checkpoint's norm")
                .contains("warning: 'extrapolate' refuses this: step 30 goes too far: ")
                .hasLineCount(2);
        Path coarse = directory.resolve("coarse.gguf");
        assertThat(Ran.run("quantize", "-m", between, "--type", "Q4_0", "-o", coarse)
                        .exitCode())
                .isZero();
        assertThat(plan(pair.sft(), coarse, pair.aligned()).err())
                .contains("warning: step 10 beside step 0: noisy: rounding to Q")
                .hasLineCount(1);
    }

    @Test
    void oneModelUnderTwoStepsIsNoticed() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        assertThat(plan(pair.sft(), pair.aligned(), pair.aligned()).err())
                .isEqualTo("expo-gguf: warning: steps 10, 20: a sample of the weights is the same in both: is one model"
                        + " given twice?\n");
        assertThat(plan(pair.sft(), pair.sft(), pair.aligned()).err())
                .isEqualTo(
                        "expo-gguf: warning: step 10 beside step 0: a sample of the weights is the same in both: there"
                                + " may be nothing to extrapolate\n");
    }

    @Test
    void checkpointsAreCalledCheckpoints() throws IOException {
        Path[] models = new Path[3];
        for (int i = 0; i < models.length; i++) {
            List<String> tokens = List.of("a", "b", "c", i == 1 ? "x" : "d");
            Map<String, MetadataValue> metadata = new HashMap<>();
            metadata.put("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens));
            metadata.put("tokenizer.chat_template", MetadataValue.ofString("template " + (i == 0 ? 1 : 2)));
            models[i] = TinyPair.model(directory.resolve(i + ".gguf"), 0.005f * i, metadata);
        }
        assertThat(plan(models[0], models[1], models[2]).err())
                .contains("note: the chat templates differ; the result has the last checkpoint's: 'template 2'\n")
                .contains("note: step 10 beside step 0: the vocabularies differ: 4 and 4 tokens, 3 of them in both\n")
                .hasLineCount(2);

        Path other = TinyPair.model(directory.resolve("other.gguf"), "other.weight", 0);
        Ran ran = plan(models[0], other, models[2]);
        assertThat(ran.exitCode()).isNotZero();
        assertThat(ran.err())
                .contains("only in the checkpoint of step 10")
                .contains("only in the last checkpoint")
                .doesNotContain("SFT model")
                .doesNotContain("aligned model");
    }

    @Test
    void stepsThatAreTooFarAreCalledThat() {
        assertThat(run(3, "plan", "--to", "1e30").err())
                .contains("note: step 1.0E30 lies 5.0E28 times as far beyond the last checkpoint, of step 20, as that");
        Ran ran = run(3, "extrapolate", "--to", "1e60", "--max-distance", "off", "--type", "F32", "-o", output());
        assertThat(ran.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
        assertThat(ran.err())
                .containsPattern(
                        "expo-gguf: error: tensor '.*': to step 1.0E60 the difference of a checkpoint from the first"
                                + " weighs -?Infinity, expected a finite number: the step is too far")
                .doesNotContain("--alpha");
        assertThat(output()).doesNotExist();
    }

    @Test
    void furtherDeltasAreCounted() {
        assertThat(run(3, "plan", "--to", "30", "--delta", DemoFiles.SFT + "," + DemoFiles.DPO_100 + ",0.5")
                        .out())
                .contains("\nstep 30 predicted from steps 0, 10, 20 and 1 further delta\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"search", "listen", "compare", "export-lora"})
    void commandsOfAPairSayThatTheyTakeOne(String command) {
        Ran ran = run(3, command);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(ran.err().lines().findFirst().orElseThrow())
                .endsWith("; --checkpoint is no option of it: it takes a pair, --sft and --aligned");
    }

    @Test
    void evalNamesTheStep() throws IOException {
        Path text = Files.writeString(directory.resolve("text.txt"), "Which city rules Chile? ".repeat(60));
        Object[] words = {"eval", "--to", "60", "--type", "F16", "--text", text};
        assertThat(run(3, words).out())
                .startsWith("guide-dpo-20-f16.gguf, step 60 predicted from steps 0, 10, 20, at alpha 1"
                        + System.lineSeparator());
        JsonObject json = run(3, with(words, "--json")).json();
        assertThat(json.get("toStep").getAsDouble()).isEqualTo(60);
        assertThat(json.get("checkpointSteps")).hasToString("[0.0,10.0,20.0]");
    }

    @Test
    void goesAPartOfTheWay() {
        Ran half = run(
                3,
                "extrapolate",
                "--to",
                "30",
                "--alpha",
                "0.5,1",
                "--type",
                "F32",
                "-o",
                directory + "/out-{alpha}.gguf");
        assertThat(half.exitCode()).isEqualTo(0);
        assertThat(half.out())
                .contains("F32, alpha 0.5, step 30 predicted from steps\n    0, 10, 20\n")
                .contains("F32, step 30 predicted from steps 0, 10, 20\n");
    }

    @Test
    void recipesSayTheStep() throws IOException {
        Path yaml = Files.writeString(directory.resolve("recipe.yaml"), "to: 30\ntype: F16\n");
        Ran written = run(3, "extrapolate", "--recipe", yaml, "-o", output());
        assertThat(written.exitCode()).as(written.err()).isZero();
        assertThat(written.out()).contains("F16, step 30 predicted");
        Ran again = run(3, "extrapolate", "--recipe", output(), "-o", directory.resolve("again.gguf"));
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(Files.mismatch(output(), directory.resolve("again.gguf"))).isEqualTo(-1);
        Ran further = run(3, "plan", "--recipe", output(), "--to", "40");
        assertThat(further.out()).contains("step 40 predicted from steps 0, 10, 20");
    }

    @Test
    void theCardRepeatsIt() throws IOException {
        Ran ran = run(3, "extrapolate", "--to", "30", "--type", "F16", "-o", directory + "/", "--card");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Path file = directory.resolve("Tiny-Guide-DPO-20-2M-Step-30-v1.0-F16.gguf");
        assertThat(directory.toFile().list()).contains(file.getFileName().toString());
        String card = Files.readString(directory.resolve("README.md"));
        assertThat(card)
                .contains("A model predicted for a later step of a training run")
                .contains("| checkpoint of step 10 | `guide-dpo-10-f16.gguf` |")
                .contains("; the model of step 30. The first command")
                .contains("\n# Tiny Guide DPO 20%, step 30\n")
                .contains("\n- \"arxiv:2605.21468\"\n")
                .contains("| step 30 |")
                .doesNotContain("2404.16792")
                .contains(
                        "expo-gguf extrapolate --checkpoint 0=guide-sft-f16.gguf --checkpoint 10=guide-dpo-10-f16.gguf"
                                + " --checkpoint 20=guide-dpo-20-f16.gguf --alpha 1 --type F16 --to 30 -o ")
                .contains("expo-gguf verify " + file.getFileName() + " --checkpoint 0=guide-sft-f16.gguf")
                .contains("Nobody trained this model")
                .doesNotContain("mergekit");
    }

    @Test
    void answersInMemory() throws IOException {
        Ran file = run(3, "extrapolate", "--to", "60", "--type", "F16", "-o", output());
        assertThat(file.exitCode()).isZero();
        Path prompts = Files.write(
                directory.resolve("prompts.jsonl"),
                DemoFiles.prompts("prompt").stream()
                        .limit(3)
                        .map(prompt -> "{\"prompt\": \"" + prompt + "\"}")
                        .toList());
        Object[] asked = {"generate", "--prompts", prompts, "-n", "24", "--temp", "0", "-o"};
        Path live = directory.resolve("live.jsonl");
        Path written = directory.resolve("written.jsonl");
        Ran ran = run(3, with(asked, live, "--to", "60", "--type", "F16"));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Ran.run(with(asked, written, "-m", output())).exitCode()).isZero();
        assertThat(texts(live)).hasSize(3).isEqualTo(texts(written));
    }

    private static List<String> texts(Path answers) throws IOException {
        return Files.readAllLines(answers).stream()
                .map(line -> JsonParser.parseString(line)
                        .getAsJsonObject()
                        .get("response")
                        .getAsString())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"'0,1400,2000', 0.42857143", "'100,50,0', 1", "'0,100,50', -0.5", "'-1,0,0.25', 0.25"})
    void stepsOfAPairAreAnAlpha(String steps, float alpha) {
        Ran ran = Ran.run("plan", "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED, "--steps", steps, "--json");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("note: --steps " + steps + " is alpha ");
        assertThat(ran.json()
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject()
                        .get("alpha")
                        .getAsFloat())
                .isCloseTo(alpha, within(1e-7f));
    }

    @Test
    void stepsWriteWhatTheirAlphaWrites() throws IOException {
        Path other = directory.resolve("alpha.gguf");
        Object[] pair = {"extrapolate", "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED};
        assertThat(Ran.run(with(pair, "--steps", "0,20,100", "-o", output())).exitCode())
                .isZero();
        assertThat(Ran.run(with(pair, "--alpha", "4", "-o", other)).exitCode()).isZero();
        assertThat(Files.mismatch(output(), other)).isEqualTo(-1);
    }

    private static Object[] with(Object[] words, Object... more) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static void isUsage(Ran ran, String message) {
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("expo-gguf: error: " + message);
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        Path out = output();
        isUsage(run(3, "extrapolate", "-o", out), "missing required option: '--to=STEP'");
        isUsage(
                run(2, "extrapolate", "--to", "40", "-o", out),
                "two checkpoints are a pair: --sft " + DemoFiles.SFT + " --aligned " + DPO_10 + " --steps 0,10,40");
        isUsage(run(1, "plan", "--to", "40"), "1 checkpoint, expected three or more");
        isUsage(run(3, "plan", "--to", "40", "--checkpoint", "10=other.gguf"), "two checkpoints of step 10: ");
        isUsage(
                run(3, "plan", "--to", "40", "--sft", DemoFiles.SFT),
                "--checkpoint stands in the place of --sft and --aligned, and goes with no --adapter");
        isUsage(
                run(3, "plan", "--to", "40", "--adapter", "lora.gguf"),
                "--checkpoint stands in the place of --sft and --aligned, and goes with no --adapter");
        isUsage(run(3, "plan", "--to", "40", "--distance", "1.2%"), "--distance and --steps are of a pair");
        isUsage(run(3, "plan", "--to", "40", "--steps", "1,2,3"), "--distance and --steps are of a pair");
        isUsage(run(3, "plan", "--to", "40", "--rule", "ffn=1.2%"), "a rule with a distance is of a pair");
        isUsage(
                run(3, "plan", "--to", "40", "--preset", "zephyr-7b-beta"),
                "--preset is the alpha of a published pair; with --checkpoint, --to says the step");
        isUsage(run(3, "plan", "--to", "40", "--rank", "4"), "rank 4 is of the delta of a pair");
        isUsage(run(3, "verify", out, "--sft", DemoFiles.SFT), "--checkpoint stands in the place of --sft");
        isUsage(
                Ran.run("plan", "--sft", DemoFiles.SFT, "--aligned", DPO_10, "--to", "4"),
                "--to predicts a step from three checkpoints or more");
        isUsage(Ran.run("extrapolate", "--aligned", DPO_10, "-o", out), "missing required option: '--sft=FILE'");
        isUsage(
                Ran.run("plan", "--sft", DemoFiles.SFT, "--aligned", DPO_10, "--steps", "1,2,3", "--alpha", "1"),
                "--steps says an alpha, as --alpha and --distance do");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
                    --steps      | 1,2             | '1,2' is not FIRST,LAST,TO, as in 0,1400,2000
                    --steps      | 5,5,6           | '5,5,6': the models are of one step, so that nothing tells where
                    --steps      | 0,10,1e40       | '0,10,1e40': the last step is too far from the others
                    --steps      | 1,2,x           | 'x' is not a number
                    --to         | NaN             | 'NaN' is not a finite number
                    --checkpoint | a.gguf          | 'a.gguf' is not STEP=FILE, as in 100=STEP-100.gguf
                    --checkpoint | 1=              | '1=' is not STEP=FILE, as in 100=STEP-100.gguf
                    --checkpoint | 0=A,10=B,2e1=C  | seems to name several checkpoints: give each a --checkpoint STEP=FILE
                    --checkpoint | x=a.gguf        | 'x' is not a number
                    --checkpoint | Infinity=a.gguf | 'Infinity' is not a finite number
                    """)
    void refusesWhatIsNoStep(String option, String value, String message) {
        Ran ran = Ran.run("plan", "--sft", "a", "--aligned", "b", option, value);
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(message);
    }
}
