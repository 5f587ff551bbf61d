package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models without tensors, as vocabularies are published, and without anything but zeros: no report divides by nothing.
 */
class WithoutTensorsTest {

    @TempDir
    Path directory;

    private Path empty;
    private Path other;
    private Path output;

    @BeforeEach
    void writeModels() throws IOException {
        empty = write("empty.gguf", List.of());
        other = write("other.gguf", List.of());
        output = directory.resolve("out.gguf");
    }

    private Path write(String name, List<TensorData> tensors) throws IOException {
        Metadata metadata = new Metadata(Map.of(
                "general.architecture", MetadataValue.ofString("llama"), "general.name", MetadataValue.ofString(name)));
        return GgufWriter.writeFile(directory.resolve(name), metadata, tensors);
    }

    private Path constant(String name, float value) throws IOException {
        ByteBuffer floats = ByteBuffer.allocate(4 * 256).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
            floats.putFloat(value);
        }
        return write(
                name,
                List.of(
                        new TensorData("blk.0.attn_q.weight", GgmlType.F32, new Shape(256, 1), floats.array()),
                        new TensorData("output_norm.weight", GgmlType.F32, new Shape(256), floats.array())));
    }

    /** Runs the command twice, for people and for programs; returns what it says to people. */
    private String assertSound(int exitCode, Object... words) throws IOException {
        Ran text = Ran.run(words);
        Ran json = Ran.run(Stream.concat(Stream.of(words), Stream.of("--json")).toArray());
        assertThat(List.of(text.exitCode(), json.exitCode())).as(text.err()).containsOnly(exitCode);
        assertThat(text.out() + text.err() + json.err()).doesNotContain("NaN", "Infinity", "\ufffd");
        assertThat(json.out()).doesNotContain("NaN");
        assertStrict(json.out());
        return text.out() + text.err();
    }

    private static void assertStrict(String document) throws IOException {
        try (JsonReader reader = new JsonReader(new StringReader(document))) {
            reader.setStrictness(Strictness.STRICT);
            reader.skipValue();
            assertThat(reader.peek()).isEqualTo(JsonToken.END_DOCUMENT);
        }
    }

    @Test
    void modelsWithoutTensorsAreCopiedAndSaid() throws IOException {
        assertThat(assertSound(0, "inspect", empty)).contains("0 tensors, 0 weights, 0.00 bits per weight");
        assertThat(assertSound(0, "plan", "--sft", empty, "--aligned", other))
                .contains("0.00 bits per weight, 0 weights", "the aligned model has no tensors");
        assertSound(0, "plan", "-m", empty, "--type", "Q4_K_M");
        assertThat(assertSound(
                        0,
                        "extrapolate",
                        "--sft",
                        empty,
                        "--aligned",
                        other,
                        "-o",
                        output,
                        "--force",
                        "--type",
                        "Q4_0"))
                .contains("0.00 bits per weight", "the aligned model has no tensors: there is nothing to extrapolate");
        assertSound(0, "verify", output, "--sft", empty, "--aligned", other);
        assertSound(0, "quantize", "-m", empty, "--type", "Q8_0", "-o", output, "--force");
        assertSound(0, "compare", "--sft", empty, "--aligned", other);
        assertSound(3, "export-lora", "--sft", empty, "--aligned", other, "-o", output, "--force");
        Path page = directory.resolve("page.html");
        assertSound(0, "compare", "--sft", empty, "--aligned", other, "--html", page, "--force");
        assertThat(Files.readString(page)).doesNotContain("NaN", "Infinity");
    }

    @Test
    void weightsOfZeroAreNoDivisors() throws IOException {
        Path zero = constant("zero.gguf", 0);
        Path same = constant("same.gguf", 0);
        Path one = constant("one.gguf", 1);
        for (List<Path> pair : List.of(List.of(zero, same), List.of(zero, one), List.of(one, zero))) {
            Path page = directory.resolve("page.html");
            assertSound(0, "plan", "--sft", pair.getFirst(), "--aligned", pair.getLast(), "--type", "Q4_0");
            assertSound(
                    0,
                    "extrapolate",
                    "--sft",
                    pair.getFirst(),
                    "--aligned",
                    pair.getLast(),
                    "--type",
                    "Q8_0",
                    "-o",
                    output,
                    "--force");
            assertSound(0, "verify", output, "--sft", pair.getFirst(), "--aligned", pair.getLast());
            assertSound(
                    0,
                    "compare",
                    "--sft",
                    pair.getFirst(),
                    "--aligned",
                    pair.getLast(),
                    "--tensors",
                    "--html",
                    page,
                    "--force");
            assertThat(Files.readString(page)).doesNotContain("NaN", "Infinity");
        }
    }

    @Test
    void numbersThatJsonDoesNotKnowBecomeStrings() throws IOException {
        JsonObject document = new JsonObject();
        document.addProperty("a", Double.NaN);
        JsonArray numbers = new JsonArray();
        numbers.add(Float.NEGATIVE_INFINITY);
        numbers.add(1.5);
        document.add("b", numbers);

        assertStrict(Json.text(document));
        assertThat(Json.text(document)).contains("\"NaN\"", "\"-Infinity\"", "1.5");
    }
}
