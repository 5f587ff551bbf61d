package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes in the place of file types. */
class TargetCommandTest {

    private static final Path MODEL = DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf");
    private static final Path SFT = DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf");

    @TempDir
    private Path directory;

    @Test
    void sizesAndTypesAreOutputsOfOnePass() throws IOException {
        Ran ran = Ran.run(
                "quantize",
                "-m",
                MODEL,
                "--type",
                "Q4_K_M",
                "--target-size",
                "1.1M",
                "--target-bpw",
                "4.8",
                "-o",
                directory.resolve("{type}.gguf"));

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("mixture for 1.1M: ").contains("mixture for 4.8bpw: ");
        assertThat(Files.size(directory.resolve("1.1M.gguf"))).isBetween(1_094_500L, 1_100_000L);
        assertThat(directory.resolve("4.8bpw.gguf")).exists();
        Path alone = directory.resolve("alone.gguf");
        Ran.run("quantize", "-m", MODEL, "--type", "Q4_K_M", "-o", alone);
        assertThat(directory.resolve("Q4_K_M.gguf")).hasSameBinaryContentAs(alone);
    }

    /** Each of them is an output, which is said before hours of measuring. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--type Q4_K_M --target-bpw 4.8|there would be 2 outputs, of Q4_K_M, 4.8bpw (each of --type, --target-size and --target-bpw gives its own), and --output names one: ask for one, or write -o o-{type}.gguf",
                "--target-size 1M,2M|there would be 2 outputs, of 1M, 2M (each of",
                "--target-size 1M --target-bpw 4.8|there would be 2 outputs, of 1M, 4.8bpw (each of",
                "--type Q4_K_M,Q8_0|there would be 2 outputs, of Q4_K_M, Q8_0, and --output names one: ask for one, or write -o o-{type}.gguf"
            })
    void outputsOfOneNameAreRefusedBeforeAnyModelIsOpened(String words, String message) {
        Ran ran = Ran.run(
                Stream.concat(Stream.of("quantize", "-m", "no.gguf", "-o", "o.gguf"), Stream.of(words.split(" ")))
                        .toArray());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).startsWith("expo-gguf: error: " + message);
    }

    @Test
    void rulesThatAreSavedMakeTheSameTypes() throws IOException {
        Path rules = directory.resolve("rules.txt");
        Path first = directory.resolve("first.gguf");
        Path second = directory.resolve("second.gguf");
        Ran.run("quantize", "-m", MODEL, "--target-size", "1.1M", "--save-tensor-types", rules, "-o", first);
        Ran.run("quantize", "-m", MODEL, "--type", "Q4_K_M", "--tensor-type-file", rules, "-o", second);
        assertThat(types(second)).isEqualTo(types(first));

        String before = Files.readString(rules);
        Ran again = Ran.run("plan", "-m", MODEL, "--target-size", "1.2M", "--save-tensor-types", rules);
        assertThat(again.exitCode()).isEqualTo(5);
        assertThat(again.err()).contains("exists already; --force replaces it");
        assertThat(rules).hasContent(before);
        assertThat(Ran.run("plan", "-m", MODEL, "--target-size", "1.2M", "--save-tensor-types", rules, "--force")
                        .exitCode())
                .isZero();
        assertThat(Files.readString(rules)).isNotEqualTo(before);
    }

    private static List<String> types(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors().stream()
                    .map(TensorInfo::type)
                    .map(Object::toString)
                    .toList();
        }
    }

    @Test
    void aPlanShowsTheMixtureOfEachAlpha() {
        Ran ran = Ran.run(
                "plan",
                "--sft",
                SFT,
                "--aligned",
                MODEL,
                "--alpha",
                "0.3,0.5",
                "--target-bpw",
                "4.5",
                "--target-types",
                "K,IQ");
        assertThat(ran.out())
                .contains("mixture for 4.5bpw, alpha 0.3: ")
                .contains("mixture for 4.5bpw, alpha 0.5: ")
                .contains("output ");
        assertThat(ran.out().lines()).allMatch(line -> line.length() <= 80);
    }

    /** With few tensors, or few types, every larger type is too large. */
    @Test
    void saysHowMuchOfTheSizeIsLeft() {
        Ran much = Ran.run("plan", "-m", MODEL, "--target-bpw", "4.58", "--target-types", "Q4_K,Q8_0");
        assertThat(much.exitCode()).as(much.err()).isZero();
        String line = much.out()
                .lines()
                .filter(each -> each.contains("less than asked for"))
                .findFirst()
                .orElseThrow();
        assertThat(line).endsWith(" % less than asked for: no type by which a tensor loses less fits in it");
        double bits = Ran.run("plan", "-m", MODEL, "--target-bpw", "4.58", "--target-types", "Q4_K,Q8_0", "--json")
                .json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .get("bitsPerWeight")
                .getAsDouble();
        assertThat(Double.parseDouble(line.strip().split(" ")[0])).isEqualTo(100 * (1 - bits / 4.58), within(0.05));
        assertThat(Ran.run("plan", "-m", MODEL, "--target-size", "1.1M").out()).doesNotContain("less than asked for");
    }

    /** Encoder and decoder have kinds of their own, a line for each type, and not one for each tensor. */
    @Test
    void layersOfAnEncoderStandTogether() throws IOException {
        Path model = TinyModels.t5(Sizes.of(2, 256, 256, 4, 4))
                .withMatrices(GgmlType.F16)
                .write(directory.resolve("t5.gguf"), TensorValues.random(1));
        Ran ran = Ran.run("plan", "-m", model, "--target-bpw", "5");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String mixture = ran.out().substring(ran.out().indexOf("mixture for 5bpw: "));
        assertThat(mixture).contains("\nenc.attn_q ", "\ndec.attn_q ").doesNotContain("blk.");
    }

    @Test
    void jsonHasEveryTensor() {
        Ran ran = Ran.run("plan", "-m", MODEL, "--target-size", "1.1M", "--json");
        JsonObject output = JsonParser.parseString(ran.out())
                .getAsJsonObject()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject();
        assertThat(output.getAsJsonObject("mixture").getAsJsonArray("tensors")).hasSize(23);
        assertThat(output.get("outputBytes").getAsLong()).isBetween(1_094_500L, 1_100_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--target-types K | add --target-size or --target-bpw",
                "--save-tensor-types x | add --target-size or --target-bpw",
                "--target-text x | add --target-size or --target-bpw",
                "--target-prompts x | add --target-size or --target-bpw",
                "--target-size 1M --target-text x --target-prompts x | say one of both",
                "--target-size 1M --target-prompts x | x: no such file",
                "--target-size 1M --pure | say one of both",
                "--target-size 1 | is not a size such as 4.5G or 800M",
                "--target-size 0M | is not a size of a file",
                "--target-bpw -1 | is not a size of a file",
                "--target-bpw 4 --target-types Q4_L | did you mean",
                "--target-bpw 1.1 | as small as 1.1 bits per weight: the smallest has 2.6",
                "--target-size 3M | as large as 3000000 bytes",
                "--target-bpw 4 --target-types IQ2_XXS | imatrix",
                "--target-bpw 4,5 --save-tensor-types x | saves the types of one size",
            })
    void whatMakesNoSenseIsRefused(String words, String message) {
        Ran ran = Ran.run(Stream.concat(Stream.of("plan", "-m", MODEL.toString()), Stream.of(words.split(" ")))
                .toArray());
        assertThat(ran.exitCode()).isNotZero();
        assertThat(ran.err()).contains(message);
    }

    @Test
    void aModelWithoutAChatTemplateIsToldOfWhatTheCommandTakes() throws IOException {
        Path bare = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2))
                .write(directory.resolve("bare.gguf"), TensorValues.random(1));
        Ran ran = Ran.run("plan", "-m", bare, "--target-bpw", "5", "--target-prompts", "src/demo/prompts.jsonl");

        assertThat(ran.err()).contains("no chat template").contains("; --chat-template FILE gives it one");
    }
}
