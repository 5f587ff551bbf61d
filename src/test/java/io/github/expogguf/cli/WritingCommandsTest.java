package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** extrapolate, quantize and plan on a pair of a few kilobytes. */
class WritingCommandsTest {

    @TempDir
    Path directory;

    private TinyPair pair;
    private Path output;

    @BeforeEach
    void writePair() throws IOException {
        pair = TinyPair.write(directory);
        output = directory.resolve("out.gguf");
    }

    private Ran extrapolate(Object... more) {
        return run(List.of("extrapolate", "--sft", pair.sft(), "--aligned", pair.aligned(), "-o", output), more);
    }

    private Ran run(List<Object> words, Object... more) {
        return Ran.run(Stream.concat(words.stream(), Stream.of(more)).toArray());
    }

    private static JsonObject onlyOutput(JsonObject document) {
        assertThat(document.getAsJsonArray("outputs")).hasSize(1);
        return document.getAsJsonArray("outputs").get(0).getAsJsonObject();
    }

    private static ModelHeader header(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header();
        }
    }

    @Test
    void extrapolateWritesTheTypeItWasAskedFor() throws IOException {
        Ran ran = extrapolate("--type", "q8_0", "-a", "0.5");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines())
                .hasSize(6)
                .startsWith(output.toString())
                .anySatisfy(line -> assertThat(line).contains("bits per weight, Q8_0, alpha 0.5"))
                .anySatisfy(line ->
                        assertThat(line).matches("  realised alpha 0\\.[45]\\d* ± 0\\.\\d+ of 0\\.5 \\(\\d+ %\\)"))
                .contains("  2 tensors: 2 extrapolated, 0 converted, 0 copied")
                .contains("  distance 3.01 % of the SFT model's norm, the aligned model 2.01 %");
        assertThat(header(output).tensors().getFirst().type()).isEqualTo(GgmlType.Q8_0);
    }

    @Test
    void reportIsOneJsonDocument() {
        Ran ran = extrapolate("--json");
        JsonObject report = ran.json();

        assertThat(ran.exitCode()).isZero();
        assertThat(report.keySet())
                .containsExactly(
                        "schema",
                        "outputs",
                        "remarks",
                        "sftSha256",
                        "alignedSha256",
                        "identical",
                        "threads",
                        "elapsedSeconds");
        assertThat(report.get("schema").getAsString()).isEqualTo("expo-gguf/extrapolate/1");
        JsonObject only = onlyOutput(report);
        assertThat(only.keySet())
                .containsExactly(
                        "files",
                        "bytes",
                        "keptBytes",
                        "bitsPerWeight",
                        "fileType",
                        "alpha",
                        "distance",
                        "tensors",
                        "realised");
        assertThat(only.get("bytes").getAsLong()).isEqualTo(output.toFile().length());
        assertThat(only.get("alpha").toString()).isEqualTo("0.3");
        assertThat(only.get("fileType").isJsonNull()).isTrue();
        assertThat(report.getAsJsonArray("sftSha256").get(0).getAsString()).hasSize(64);
    }

    @Test
    void existingOutputIsKeptUnlessForced() throws IOException {
        Files.writeString(output, "precious");

        Ran refused = extrapolate();

        assertThat(refused.exitCode()).isEqualTo(5);
        assertThat(refused.err()).isEqualTo("expo-gguf: error: " + output + ": exists already; --force replaces it\n");
        assertThat(output).hasContent("precious");
        assertThat(extrapolate("--force").exitCode()).isZero();
        assertThat(header(output).tensors()).hasSize(2);
    }

    @Test
    void outputThatIsAnInputIsRefusedAlways() {
        Ran ran = Ran.run(
                "extrapolate", "--force", "--sft", pair.sft(), "--aligned", pair.aligned(), "-o", pair.aligned());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("the output is one of the inputs");
    }

    @Test
    void outputInMissingDirectoryIsAnIoError() {
        Ran ran = Ran.run("quantize", "-m", pair.sft(), "-o", directory.resolve("no/out.gguf"));

        assertThat(ran.exitCode()).isEqualTo(5);
        assertThat(ran.err()).contains(directory.resolve("no") + ": the directory of the output does not exist");
    }

    /** The directory, as it was typed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "extrapolate --sft SFT --aligned ALIGNED -o FILE.gguf",
                "extrapolate --sft SFT --aligned ALIGNED --split-max-size 1M -o FILE.gguf",
                "quantize -m SFT --type Q8_0 -o FILE.gguf",
                "export-lora --sft SFT --aligned ALIGNED -o FILE.gguf",
                "compare --sft SFT --aligned ALIGNED --html FILE.html",
                "imatrix -m src/demo/guide-sft-f16.gguf --text src/demo/prompts.jsonl -o FILE.gguf",
                "generate -m src/demo/guide-sft-f16.gguf --prompts src/demo/prompts.jsonl -o FILE.jsonl",
                "eval -m src/demo/guide-sft-f16.gguf --prompts src/demo/prompts.jsonl --csv FILE.csv",
                "listen --sft src/demo/guide-sft-f16.gguf --aligned src/demo/guide-dpo-20-f16.gguf"
                        + " --prompts src/demo/prompts.jsonl --log FILE.jsonl",
            })
    void placesThatAreNoneAreNamedAsTheyWereTyped(String command) throws IOException {
        String missing = "no-such-directory";
        assertRefusesPlace(
                command, missing + "/deeper/out", missing + "/deeper: the directory of the output does not exist");
        Path file = Files.createFile(directory.resolve("afile"));
        assertRefusesPlace(command, file + "/out", file + ": a file, where the output " + file + "/out");
        assertRefusesPlace(command, file + "/deeper/out", file + ": a file, where the output " + file + "/deeper/out");
        assertThat(output).doesNotExist();
    }

    private void assertRefusesPlace(String command, String place, String words) {
        Ran ran = Ran.run(Stream.of(command.split(" "))
                .map(word -> switch (word) {
                    case "SFT" -> pair.sft().toString();
                    case "ALIGNED" -> pair.aligned().toString();
                    case "OUT" -> output.toString();
                    default -> word.replace("FILE", place);
                })
                .toArray());
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(5);
        assertThat(ran.err()).startsWith("expo-gguf: error: " + words);
    }

    /** Messages tell files of one name apart, and what is written does not depend on their folders. */
    @Test
    void filesOfOneNameAreToldApart() throws IOException {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path two = Files.createDirectory(directory.resolve("two"));
        Path sft = Files.copy(pair.sft(), one.resolve("m.gguf"));
        Path aligned = two.resolve("m.gguf");
        TinyPair.model(aligned, "blk.0.attn_q.weight", 0);
        List<Object> words = List.of("extrapolate", "--sft", sft, "--aligned", aligned, "-o", output);
        assertThat(run(words).err()).startsWith("expo-gguf: error: one/m.gguf and two/m.gguf are not a pair:");
        TinyPair.damagedModel(aligned);
        assertThat(run(words).err()).contains("error: two/m.gguf: tensor '", "infinite or NaN");
        Files.writeString(aligned, "neither");
        assertThat(run(words).err()).startsWith("expo-gguf: error: " + aligned + ": ");
        Files.copy(pair.aligned(), aligned, StandardCopyOption.REPLACE_EXISTING);
        assertThat(run(words, "--type", "Q8_0").exitCode()).isZero();
        assertThat(header(output)
                        .metadata()
                        .get("expo.aligned.files")
                        .orElseThrow()
                        .asStrings())
                .containsExactly("m.gguf");
        assertThat(run(List.of("verify", output, "--sft", aligned, "--aligned", sft))
                        .out())
                .contains("two/m.gguf", "one/m.gguf");
    }

    @Test
    void modelsThatAreNoPairAreAMismatch() throws IOException {
        Path other = TinyPair.model(directory.resolve("other.gguf"), "blk.0.attn_q.weight", 0);

        Ran ran = Ran.run("extrapolate", "--json", "--sft", other, "--aligned", pair.aligned(), "-o", output);

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.err()).contains("blk.0.attn_q.weight", "token_embd.weight");
        assertThat(ran.json().getAsJsonObject("error").getAsJsonArray("differences"))
                .isNotEmpty();
        assertThat(output).doesNotExist();
    }

    @Test
    void valuesThatAreNotNumbersAreBadInput() throws IOException {
        Path damaged = TinyPair.damagedModel(directory.resolve("nan.gguf"));

        Ran ran = Ran.run("extrapolate", "--sft", pair.sft(), "--aligned", damaged, "-o", output);

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).contains("nan.gguf: tensor '", "infinite or NaN");
        assertThat(output).doesNotExist();
    }

    @Test
    void typeThatNeedsAnImatrixIsRefusedWithoutOne() {
        Ran ran = run(List.of("quantize", "-m", pair.sft(), "-o", output), "--type", "IQ2_XS", "--pure");

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).contains("imatrix");
        assertThat(output).doesNotExist();
    }

    @Test
    void quantizeConvertsOneModel() throws IOException {
        Ran ran = Ran.run("quantize", "--json", "-m", pair.sft(), "--type", "Q4_0", "--pure", "-o", output);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.json().get("schema").getAsString()).isEqualTo("expo-gguf/quantize/1");
        assertThat(onlyOutput(ran.json()).has("alpha")).isFalse();
        assertThat(onlyOutput(ran.json())
                        .getAsJsonObject("tensors")
                        .get("converted")
                        .getAsInt())
                .isEqualTo(1);
        assertThat(header(output).tensors().getFirst().type()).isEqualTo(GgmlType.Q4_0);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDirectoryThatTakesNoFilesIsSaidOfTheOutput() {
        assumeTrue(Files.isWritable(Path.of("/proc")), "who may not write there is told that");
        for (String words :
                List.of("quantize -m %1$s -o /proc/x", "compare --sft %1$s --aligned %2$s --html /proc/x")) {
            Ran ran = Ran.run(
                    (Object[]) words.formatted(pair.sft(), pair.aligned()).split(" "));

            assertThat(ran.exitCode()).isEqualTo(5);
            assertThat(ran.err())
                    .isEqualTo("expo-gguf: error: /proc/x: cannot be written: its directory takes no files\n");
        }
    }

    @Test
    void quantizeRefusesQuantizedTensorsUnlessAllowed() {
        assertThat(Ran.run("quantize", "-m", pair.sft(), "--type", "Q8_0", "-o", output)
                        .exitCode())
                .isZero();
        Path again = directory.resolve("again.gguf");

        Ran refused = Ran.run("quantize", "-m", output, "--type", "Q4_0", "-o", again);

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("tensor 'token_embd.weight' is quantized already (Q8_0); --allow-requantize");
        assertThat(again).doesNotExist();
        Object[] plan = {"plan", "-m", output, "--type", "Q4_0"};
        assertThat(Ran.run(plan).err())
                .contains("warning: 'quantize' refuses this: ", "--allow-requantize accepts the loss");
        assertThat(Ran.run(plan[0], plan[1], plan[2], plan[3], plan[4], "--allow-requantize")
                        .err())
                .isEmpty();
        assertThat(Ran.run("quantize", "-m", output, "--type", "Q4_0", "-o", again, "--allow-requantize")
                        .exitCode())
                .isZero();
    }

    @Test
    void coarseInputsAndNegativeAlphasAreRemarkedOn() {
        TinyPair coarse = new TinyPair(quantized(pair.sft()), quantized(pair.aligned()));

        Ran ran = Ran.run("plan", "--sft", coarse.sft(), "--aligned", coarse.aligned(), "-a", "-0.5");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err().lines())
                .containsExactly(
                        "expo-gguf: note: alpha -0.5 interpolates: the result lies 50 % of the way back from the aligned to"
                                + " the SFT model",
                        "expo-gguf: warning: noisy: rounding to Q4_0 may make up all of the difference;"
                                + " take files in their checkpoints' type: F32, F16 or BF16");
    }

    private Path quantized(Path model) {
        Path quantized = model.resolveSibling("q4-" + model.getFileName());
        assertThat(Ran.run("quantize", "-m", model, "--type", "Q4_0", "--pure", "-o", quantized)
                        .exitCode())
                .isZero();
        return quantized;
    }

    @Test
    void tensorTypeFileIsReadAndItsErrorsNameIt() throws IOException {
        Path rules = Files.writeString(directory.resolve("rules.txt"), "token_embd=q5_0\n");
        Path wrong = Files.writeString(directory.resolve("wrong.txt"), "token_embd\n");

        assertThat(extrapolate("--type", "q8_0", "--tensor-type-file", rules).exitCode())
                .isZero();
        assertThat(header(output).tensors().getFirst().type()).isEqualTo(GgmlType.Q5_0);
        Ran refused = extrapolate("--force", "--type", "q8_0", "--tensor-type-file", wrong);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("wrong.txt: 'token_embd' is not REGEX=TYPE");
    }

    @Test
    void dryRunAndPlanPrintTheSameAndWriteNothing() {
        Ran dryRun = extrapolate("--type", "q8_0", "--dry-run");
        Ran plan =
                run(List.of("plan", "--sft", pair.sft(), "--aligned", pair.aligned()), "--type", "Q8_0", "-o", output);

        assertThat(dryRun.exitCode()).isZero();
        assertThat(dryRun.out().lines())
                .contains("tensor              shape  input  rule         target  bytes")
                .contains("token_embd.weight   256x4  F16    extrapolate  Q8_0    1,088")
                .contains("output_norm.weight  256    F32    extrapolate  F32     1,024")
                .contains("2 tensors: extrapolate 2");
        assertThat(plan.out().lines().limit(5))
                .isEqualTo(dryRun.out().lines().limit(5).toList());
        assertThat(output).doesNotExist();
    }

    @Test
    void planOfOneModelNeedsNoPair() {
        Ran ran = Ran.run("plan", "-m", pair.sft(), "--type", "q8_0");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().lines()).contains("2 tensors: convert 1, copy 1");
    }

    @Test
    void planAsJsonHasEveryTensor() {
        JsonObject document = run(
                        List.of("plan", "--sft", pair.sft(), "--aligned", pair.aligned()), "--type", "Q8_0", "--json")
                .json();

        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/plan/1");
        JsonObject plan = onlyOutput(document);
        assertThat(plan.get("fileType").getAsString()).isEqualTo("Q8_0");
        assertThat(plan.get("tensorBytes").getAsLong()).isEqualTo(1088 + 1024);
        assertThat(plan.get("bufferBytes").getAsLong()).isPositive();
        assertThat(plan.get("inputBytes").getAsLong())
                .isEqualTo(
                        pair.sft().toFile().length() + pair.aligned().toFile().length());
        assertThat(plan.get("repeatedBytes").getAsLong()).isZero();
        assertThat(plan.getAsJsonArray("tensors").get(0).toString())
                .isEqualTo(
                        "{\"name\":\"token_embd.weight\",\"shape\":[256,4],\"sftType\":\"F16\",\"alignedType\":\"F16\","
                                + "\"rule\":\"extrapolate\",\"reason\":null,\"alpha\":0.3,\"usesImportance\":false,"
                                + "\"targetType\":\"Q8_0\",\"bytes\":1088,\"bitsPerWeight\":8.5,\"rounding\":\"nearest\"}");
    }

    @Test
    void severalAlphasAndTypesGiveAnOutputEach() throws IOException {
        Path pattern = output.resolveSibling("out-{alpha}-{type}.gguf");
        Ran ran = run(
                List.of("extrapolate", "--sft", pair.sft(), "--aligned", pair.aligned(), "-o", pattern),
                "-a",
                "0,0.5,1",
                "--type",
                "Q8_0,f16");

        assertThat(ran.exitCode()).isZero();
        for (String alpha : List.of("0", "0.5", "1")) {
            for (String type : List.of("Q8_0", "F16")) {
                Path file = output.resolveSibling("out-" + alpha + "-" + type + ".gguf");
                assertThat(ran.out()).contains(file.toString());
                assertThat(header(file).tensors().getFirst().type()).isEqualTo(GgmlType.parse(type));
            }
        }
    }

    @Test
    void severalOutputsNeedSeveralNames() {
        Ran ran = extrapolate("-a", "0.1,0.3");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains(
                        "there would be 2 outputs, one for each alpha, and --output names one: ask for one, or write -o ")
                .contains("-{alpha}.gguf\n");
        assertThat(output).doesNotExist();
    }

    @Test
    void planShowsEveryOutputUnderItsTitle() {
        Ran ran = run(
                List.of("plan", "--sft", pair.sft(), "--aligned", pair.aligned()),
                "-a",
                "0.1,3",
                "--type",
                "Q8_0,Q4_0");

        assertThat(ran.out()).contains("alpha 0.1, Q8_0\n", "alpha 0.1, Q4_0\n", "alpha 3, Q8_0\n", "alpha 3, Q4_0\n");
    }

    @Test
    void alphaZeroCopies() {
        Ran ran = extrapolate("-a", "0");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("2 tensors: 0 extrapolated, 0 converted, 2 copied");
    }

    @Test
    void shardsAreListed() {
        Ran ran = extrapolate("--split-max-size", "1M");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().lines().findFirst()).get().asString().endsWith("out-00001-of-00001.gguf");
    }

    @Test
    void whatADeadRunHasLeftIsReportedResumedOrDiscarded() throws IOException {
        Path partial = directory.resolve(".out.gguf.expo-partial");
        for (String way : List.of("--resume", "--discard-partial")) {
            Files.write(partial, new byte[1234]);

            Ran refused = extrapolate();

            assertThat(refused.exitCode()).isEqualTo(5);
            assertThat(refused.err())
                    .startsWith("expo-gguf: error: " + partial
                            + ": a run that ended too early left this file of 1,234 bytes, last written ")
                    .endsWith("ago; --resume goes on with it, and --discard-partial removes it and starts anew\n");
            assertThat(output).doesNotExist();
            assertThat(extrapolate(way, "--force").exitCode()).isZero();
            assertThat(partial).doesNotExist();
            Files.delete(output);
        }
    }

    @Test
    void oneCannotResumeAndDiscard() {
        Ran ran = extrapolate("--resume", "--discard-partial");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--resume", "--discard-partial");
    }
}
