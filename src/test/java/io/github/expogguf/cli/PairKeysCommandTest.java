package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairKeysCommandTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 2, 2);
    private static final TinyModel PLAIN = TinyModels.llama(SIZES);
    private static final TinyModel SCALED = PLAIN.with("llama.rope.scaling.factor", MetadataValue.ofFloat32(4));
    private static final TinyModel FULL = TinyModels.qwen35(SIZES, 1);
    private static final String KEY = "llama.rope.scaling.factor";

    @TempDir
    private Path directory;

    private Path sft;
    private Path aligned;
    private Path output;

    @BeforeEach
    void writePair() {
        write(PLAIN, SCALED);
        output = directory.resolve("out.gguf");
    }

    private void write(TinyModel before, TinyModel after) {
        sft = before.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = after.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
    }

    private Ran extrapolate(Object... more) {
        Object[] all = new Object[more.length + 9];
        System.arraycopy(
                new Object[] {"extrapolate", "--sft", sft, "--aligned", aligned, "-a", "0.5", "-o", output},
                0,
                all,
                0,
                9);
        System.arraycopy(more, 0, all, 9, more.length);
        return Ran.run(all);
    }

    @Test
    void namesTheWayOutWhereOnlyKeysDiffer() {
        Ran refused = extrapolate();
        assertThat(refused.exitCode()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(refused.err())
                .contains(
                        "  llama.rope.scaling.factor: the SFT model has nothing, which means 1, the aligned model has 4",
                        "to go on with the aligned model's value: --accept-difference llama.rope.scaling.factor");
        write(PLAIN, SCALED.select(name -> !name.contains("ffn_up")));
        assertThat(extrapolate().err()).doesNotContain("--accept-difference");
    }

    @Test
    void anAcceptedDifferenceIsSaidRecordedVerifiedAndRepeated() throws IOException {
        Ran ran = extrapolate("--accept-difference", KEY, "--json");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String note = KEY
                + ": the SFT model has nothing, which means 1, the aligned model has 4; accepted, the result has the"
                + " aligned model's";
        assertThat(ran.err()).contains("note: " + note);
        JsonObject json = JsonParser.parseString(ran.out()).getAsJsonObject();
        assertThat(json.getAsJsonArray("remarks")
                        .get(0)
                        .getAsJsonObject()
                        .get("text")
                        .getAsString())
                .isEqualTo(note);
        assertThat(Ran.run("verify", output, "--sft", sft, "--aligned", aligned).exitCode())
                .isZero();
        byte[] once = Files.readAllBytes(output);
        assertThat(extrapolate("--recipe", output, "--force").exitCode()).isZero();
        assertThat(output).hasBinaryContent(once);
    }

    @Test
    void everyCommandThatOpensAPairTakesIt() throws IOException {
        assertThat(Ran.run("plan", "--sft", sft, "--aligned", aligned, "--accept-difference", KEY)
                        .exitCode())
                .isZero();
        Ran compared = Ran.run("compare", "--sft", sft, "--aligned", aligned, "--accept-difference", KEY);
        assertThat(compared.out()).contains("; accepted, the result has").doesNotContain("not a pair");
        assertThat(Ran.run("compare", "--sft", sft, "--aligned", aligned).out()).contains("not a pair: " + KEY);
        assertThat(Ran.run(
                                "export-lora",
                                "--sft",
                                sft,
                                "--aligned",
                                aligned,
                                "-r",
                                "4",
                                "-o",
                                directory.resolve("lora.gguf"),
                                "--accept-difference",
                                KEY)
                        .exitCode())
                .isZero();
        Path text = Files.writeString(
                directory.resolve("text.txt"), "the quick brown fox jumps over the lazy dog ".repeat(20));
        Ran evaluated = Ran.run(
                "eval",
                "--sft",
                sft,
                "--aligned",
                aligned,
                "-a",
                "0.5",
                "--text",
                text,
                "--chunk",
                "64",
                "--accept-difference",
                KEY);
        assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
        assertThat(evaluated.err()).contains("; accepted, the result has");
    }

    @Test
    void aRecipeInYamlMaySayIt() throws IOException {
        Path recipe = Files.writeString(directory.resolve("recipe.yaml"), "accept-difference: [" + KEY + "]\n");
        assertThat(extrapolate("--recipe", recipe).exitCode()).isZero();
    }

    @Test
    void aKeyOfNoModelIsAWrongOption() {
        Ran ran = extrapolate("--accept-difference", "llama.rope.scaling.factr");
        assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(ran.err())
                .contains("'llama.rope.scaling.factr' was accepted, but none of the models has a key of this name");
    }

    @Test
    void aBlockThatIsAnnouncedAndAbsentIsRefusedWithTheRemedy() {
        TinyModel announced = FULL.select(name -> !name.startsWith("blk.2."));
        write(announced, announced);
        for (Ran refused : new Ran[] {
            extrapolate(),
            Ran.run("quantize", "-m", aligned, "--type", "Q8_0", "-o", output),
            Ran.run("plan", "-m", aligned)
        }) {
            assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
            assertThat(refused.err()).contains("--no-nextn", "--drop-mtp");
        }
        assertThat(Ran.run("verify", aligned).exitCode()).isEqualTo(ExitCode.VERIFICATION.code());
        assertThat(Ran.run("inspect", aligned).out()).contains("announces 1 block for multi-token prediction (blk.2)");
        assertThat(Ran.run("inspect", aligned, "--json").out()).contains("announces 1 block");
        Ran mended = Ran.run("quantize", "-m", aligned, "--type", "Q8_0", "--drop-mtp", "-o", output);
        assertThat(mended.exitCode()).as(mended.err()).isZero();
        assertThat(mended.err()).contains("block_count becomes 2");
        assertThat(Ran.run("verify", output, "-m", aligned).exitCode()).isZero();
    }

    @Test
    void saysOfWhichModelTheBlockIs() {
        write(FULL.select(name -> !name.startsWith("blk.2.")), FULL);
        Ran ran = extrapolate();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err())
                .contains("only the aligned model has the block for multi-token prediction (blk.2, 15 tensors)");
    }
}
