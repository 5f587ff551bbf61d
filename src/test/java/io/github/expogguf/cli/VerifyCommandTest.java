package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {

    @TempDir
    Path directory;

    private TinyPair pair;
    private Path file;

    @BeforeEach
    void extrapolate() throws IOException {
        pair = TinyPair.write(directory);
        file = directory.resolve("out.gguf");
        assertThat(Ran.run(
                                "extrapolate",
                                "--sft",
                                pair.sft(),
                                "--aligned",
                                pair.aligned(),
                                "--type",
                                "q8_0",
                                "-o",
                                file)
                        .exitCode())
                .isZero();
    }

    /** Changes the lowest bit of the last tensor, the output norm: finite still, and different. */
    private void flipBit() throws IOException {
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            long offset = data.length() - 4L * TinyPair.ROW_LENGTH;
            data.seek(offset);
            int value = data.read();
            data.seek(offset);
            data.write(value ^ 1);
        }
    }

    /** What a file says of itself stands on one line, whatever it holds. */
    @Test
    void aRecipeForgesNoLine() throws IOException {
        String forgery = "1\n  recomputation: ok\t\\";
        Metadata metadata;
        try (GgufModel model = GgufModel.open(file)) {
            metadata = model.header().metadata();
        }
        Map<String, MetadataValue> recipe = new LinkedHashMap<>(metadata.asMap());
        recipe.keySet().removeIf(key -> !key.startsWith("expo.") || key.startsWith("expo.checksum."));
        recipe.put("expo.version", MetadataValue.ofString(forgery));
        Ran ran = Ran.run("verify", TinyPair.model(directory.resolve("forged.gguf"), 0, recipe));

        assertThat(ran.out().lines())
                .anySatisfy(line ->
                        assertThat(line).startsWith("  made with: expo-gguf 1\\n  recomputation: ok\\t\\, llama.cpp"))
                .noneSatisfy(line -> assertThat(line).startsWith("  recomputation: ok"));
    }

    @Test
    void goodFilePasses() {
        Ran ran = Ran.run("verify", file);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines())
                .startsWith(file + ": ok")
                .contains(
                        "  2 tensors",
                        "  structure: ok",
                        "  ggml's reader: ok",
                        "  finite values: ok",
                        "  checksums: ok",
                        "  recipe: ok",
                        "  recomputation: not checked, needs its inputs (--sft, --aligned)")
                .anySatisfy(line -> assertThat(line).contains("made with: expo-gguf", "alpha 0.3, --type Q8_0"));
    }

    @Test
    void inputsLetEveryByteBeComputedAgain() {
        Ran ran = Ran.run("verify", "--json", file, "--sft", pair.sft(), "--aligned", pair.aligned());
        JsonObject report = ran.json();

        assertThat(ran.exitCode()).isZero();
        assertThat(report.keySet())
                .containsExactly(
                        "schema", "file", "passed", "tensors", "recomputed", "checks", "recipe", "findings", "notes");
        assertThat(report.getAsJsonObject("checks").asMap().values())
                .extracting(JsonElement::getAsString)
                .containsExactly(Collections.nCopies(6, "passed").toArray(String[]::new));
        assertThat(report.get("recomputed").getAsBoolean()).isTrue();
        assertThat(report.getAsJsonObject("recipe").get("alpha").toString()).isEqualTo("0.3");
    }

    @Test
    void changedByteIsFound() throws IOException {
        flipBit();

        Ran alone = Ran.run("verify", file);
        assertThat(alone.exitCode()).isEqualTo(7);
        assertThat(alone.out())
                .startsWith(file + ": 1 finding")
                .contains("  checksums: failed\n", "  tensor 'output_norm.weight': data changed since it was written");
        Ran ran = Ran.run("verify", file, "--sft", pair.sft(), "--aligned", pair.aligned());
        assertThat(ran.exitCode()).isEqualTo(7);
        assertThat(ran.out()).startsWith(file + ": 2 findings").contains("output_norm.weight");
        JsonObject json = Ran.run("verify", "--json", file, "--sft", pair.sft(), "--aligned", pair.aligned())
                .json();
        assertThat(json.get("schema").getAsString()).isEqualTo("expo-gguf/verify/1");
        assertThat(json.get("passed").getAsBoolean()).isFalse();
        assertThat(json.getAsJsonArray("findings")
                        .get(0)
                        .getAsJsonObject()
                        .get("tensor")
                        .getAsString())
                .isEqualTo("output_norm.weight");
    }

    /** Of a file that cannot be read nothing else is said to be lacking, and least of all what is given. */
    @Test
    void aFileThatIsCutOffLacksNothingElse() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Path half = Files.write(directory.resolve("half.gguf"), Arrays.copyOf(whole, whole.length / 2));

        Ran ran = Ran.run("verify", half, "--sft", pair.sft(), "--aligned", pair.aligned());

        assertThat(ran.exitCode()).isEqualTo(7);
        assertThat(ran.out().lines())
                .contains("  checksums: not checked", "  recipe: not checked", "  recomputation: not checked");
        assertThat(ran.out()).contains("  is the download complete? ").doesNotContain("needs", "carries");
    }

    @Test
    void sftAloneIsAUsageError() {
        Ran ran = Ran.run("verify", file, "--sft", pair.sft());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).startsWith("expo-gguf: error: --sft needs --aligned\n");
    }

    @Test
    void missingFileIsAnIoError() {
        assertThat(Ran.run("verify", directory.resolve("none.gguf")).exitCode()).isEqualTo(5);
    }
}
