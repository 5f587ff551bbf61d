package io.github.expogguf.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCommandTest {

    @TempDir
    Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString("llama"));
        values.put("general.file_type", MetadataValue.ofUint32(1));
        values.put("evil", MetadataValue.ofString("\u001b]0;x\u0007\u202e"));
        values.put("x.eps", MetadataValue.ofFloat32(1e-5f));
        values.put("x.nan", MetadataValue.ofFloat32(Float.NaN));
        values.put("x.huge", MetadataValue.ofInteger(MetadataType.UINT64, -1));
        values.put("x.flag", MetadataValue.ofBoolean(true));
        values.put("x.long", MetadataValue.ofString("0123456789".repeat(20) + "\u00e4\\\u001b{}"));
        values.put(
                "tokens",
                MetadataValue.ofStrings(
                        IntStream.range(0, 20).mapToObj(i -> "t" + i).toList()));
        values.put(
                "tokenizer.chat_template",
                MetadataValue.ofString(IntStream.range(0, 20)
                        .mapToObj(i -> "{%- line " + i + " -%}")
                        .collect(Collectors.joining("\n"))));
        model = GgufWriter.writeFile(
                directory.resolve("tiny.gguf"),
                new Metadata(values),
                List.of(
                        new TensorData("a.weight", GgmlType.F16, new Shape(64, 3), new byte[384]),
                        new TensorData("b\u001b[2J.weight", GgmlType.Q8_0, new Shape(32), new byte[34])));
    }

    @Test
    void showsFiguresMetadataAndTensors() {
        Ran ran = Ran.run("inspect", model);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines())
                .contains("  2 tensors, 224 weights, 14.93 bits per weight")
                .contains("general.architecture     STRING         \"llama\"")
                .contains("x.huge                   UINT64         18446744073709551615")
                .contains("a.weight         64x3   F16     384       0")
                .contains("b\\x1b[2J.weight  32     Q8_0     34     384");
    }

    @Test
    void textFromTheFileCannotSteerTheTerminal() {
        assertThat(Ran.run("inspect", model).out())
                .contains("\\x1b]0;x\\x07\\u{202e}")
                .doesNotContain("\u001b", "\u0007", "\u202e");
    }

    @Test
    void longValuesAreCutAndSaySo() {
        String out = Ran.run("inspect", model).out();

        assertThat(out)
                .contains("tokens                   ARRAY[STRING]  [\"t0\", \"t1\", \"t2\", \"t3\", ... 20 in all]\n")
                .contains("  | {%- line 11 -%}")
                .doesNotContain("line 12")
                .contains("  ... --full shows the rest");
    }

    @Test
    void longLinesAreWrappedBelowTheTable() {
        String digits = "0123456789".repeat(20);

        assertThat(Ran.run("inspect", model).out().lines())
                .contains("x.long                   STRING         206 bytes, shown below")
                .containsSequence(
                        "x.long",
                        "  | " + digits.substring(0, 76),
                        "  > " + digits.substring(76, 152),
                        "  > " + digits.substring(152) + "\u00e4\\\\x1b{}");
    }

    /** What does not fit stands below its key, so that the others stay in columns, and is cut; texts come again. */
    @Test
    void valuesThatDoNotFitAreCutInTheirLine() throws IOException {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.short", MetadataValue.ofString("x"));
        values.put(
                "general.description",
                MetadataValue.ofString("some words ".repeat(8).strip()));
        values.put("general.name", MetadataValue.ofString("A name that is of fifty characters, as names may be"));
        values.put("a.key.that.is.long.enough.to.take.half.of.a.line", MetadataValue.ofString("value"));
        values.put(
                "tokens",
                MetadataValue.ofStrings(IntStream.range(0, 9)
                        .mapToObj(i -> "<|token " + i + "|>")
                        .toList()));
        Path wide = GgufWriter.writeFile(directory.resolve("wide.gguf"), new Metadata(values), List.of());

        List<String> lines = Ran.run("inspect", wide).out().lines().toList();

        assertThat(lines)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
                .containsSequence(
                        "general.name",
                        "    STRING         \"A name that is of fifty characters, as names may be\"",
                        "a.key.that.is.long.enough.to.take.half.of.a.line",
                        "    STRING         \"value\"")
                .containsSequence(
                        "general.description",
                        "    STRING         \"some words some words some words some words som\"... 87 bytes")
                .containsSequence(
                        "general.description",
                        "  | some words some words some words some words some words some words some words",
                        "  >  some words")
                .containsSequence(
                        "tokens",
                        "    ARRAY[STRING]  [\"<|token 0|>\", \"<|token 1|>\", \"<|token 2|>\", ... 9 in all]");
        assertThat(Ran.run("inspect", "--full", wide).out().lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
                .contains("  \"<|token 0|>\", \"<|token 1|>\", \"<|token 2|>\", \"<|token 3|>\", \"<|token 4|>\",");
    }

    @Test
    void fullShowsEverything() {
        String out = Ran.run("inspect", "--full", model).out();

        assertThat(out)
                .contains("20 elements, shown below", " \"t19\"\n", "  | {%- line 19 -%}")
                .doesNotContain("...");
    }

    @Test
    void partsCanBeLeftOut() {
        assertThat(Ran.run("inspect", "--no-tensors", model).out())
                .contains("x.eps")
                .doesNotContain("a.weight");
        assertThat(Ran.run("inspect", "--no-metadata", model).out())
                .contains("a.weight")
                .doesNotContain("x.eps");
    }

    @Test
    void jsonIsTypedAndKeepsEveryValue() {
        Ran ran = Ran.run("inspect", "--json", model);
        JsonObject document = ran.json();
        JsonObject metadata = document.getAsJsonObject("metadata");

        assertThat(ran.exitCode()).isZero();
        assertThat(document.keySet())
                .containsExactly(
                        "schema",
                        "files",
                        "version",
                        "alignment",
                        "architecture",
                        "fileType",
                        "weights",
                        "bitsPerWeight",
                        "bytes",
                        "metadata",
                        "tensors");
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/inspect/1");
        assertThat(document.get("fileType").getAsString()).isEqualTo("F16");
        assertThat(metadata.get("x.eps").toString()).isEqualTo("{\"type\":\"FLOAT32\",\"value\":1.0E-5}");
        assertThat(metadata.get("x.nan").toString()).isEqualTo("{\"type\":\"FLOAT32\",\"value\":\"NaN\"}");
        assertThat(metadata.get("x.huge").toString()).isEqualTo("{\"type\":\"UINT64\",\"value\":18446744073709551615}");
        assertThat(metadata.get("x.flag").toString()).isEqualTo("{\"type\":\"BOOL\",\"value\":true}");
        assertThat(metadata.getAsJsonObject("evil").get("value").getAsString()).isEqualTo("\u001b]0;x\u0007\u202e");
        assertThat(document.getAsJsonArray("tensors").get(0).toString())
                .isEqualTo("{\"name\":\"a.weight\",\"type\":\"F16\",\"shape\":[64,3],"
                        + "\"bytes\":384,\"file\":0,\"offset\":0}");
    }

    @Test
    void jsonArraysAreCutUnlessFull() {
        JsonObject cut = Ran.run("inspect", "--json", model)
                .json()
                .getAsJsonObject("metadata")
                .getAsJsonObject("tokens");
        JsonObject all = Ran.run("inspect", "--json", "--full", model)
                .json()
                .getAsJsonObject("metadata")
                .getAsJsonObject("tokens");

        assertThat(cut.get("count").getAsInt()).isEqualTo(20);
        assertThat(cut.get("complete").getAsBoolean()).isFalse();
        assertThat(cut.getAsJsonArray("value")).hasSize(8);
        assertThat(all.get("complete").getAsBoolean()).isTrue();
        assertThat(all.getAsJsonArray("value")).hasSize(20);
    }

    @Test
    void elementsOfEveryTypeAreTheNumbersOfTheFile() throws IOException {
        Path path = GgufBytes.small()
                .array(
                        "u8",
                        MetadataType.UINT8.ordinal(),
                        2,
                        bytes(2).put((byte) 7).put((byte) -1).array())
                .array(
                        "i8",
                        MetadataType.INT8.ordinal(),
                        1,
                        bytes(1).put((byte) -1).array())
                .array(
                        "u16",
                        MetadataType.UINT16.ordinal(),
                        1,
                        bytes(2).putShort((short) -2).array())
                .array(
                        "i16",
                        MetadataType.INT16.ordinal(),
                        1,
                        bytes(2).putShort((short) -2).array())
                .array(
                        "u32",
                        MetadataType.UINT32.ordinal(),
                        1,
                        bytes(4).putInt(-3).array())
                .array(
                        "i32",
                        MetadataType.INT32.ordinal(),
                        1,
                        bytes(4).putInt(-3).array())
                .array(
                        "u64",
                        MetadataType.UINT64.ordinal(),
                        1,
                        bytes(8).putLong(-4).array())
                .array(
                        "i64",
                        MetadataType.INT64.ordinal(),
                        1,
                        bytes(8).putLong(-4).array())
                .array(
                        "f32",
                        MetadataType.FLOAT32.ordinal(),
                        2,
                        bytes(8).putFloat(0.1f).putFloat(Float.NaN).array())
                .array(
                        "f64",
                        MetadataType.FLOAT64.ordinal(),
                        1,
                        bytes(8).putDouble(Double.NEGATIVE_INFINITY).array())
                .array("bool", MetadataType.BOOL.ordinal(), 2, new byte[] {1, 0})
                .array("none", MetadataType.INT32.ordinal(), 0, new byte[0])
                .write(directory.resolve("arrays.gguf"));

        JsonObject metadata = Ran.run("inspect", "--json", path).json().getAsJsonObject("metadata");

        assertThat(elements(metadata, "u8")).isEqualTo("[7,255]");
        assertThat(elements(metadata, "i8")).isEqualTo("[-1]");
        assertThat(elements(metadata, "u16")).isEqualTo("[65534]");
        assertThat(elements(metadata, "i16")).isEqualTo("[-2]");
        assertThat(elements(metadata, "u32")).isEqualTo("[4294967293]");
        assertThat(elements(metadata, "i32")).isEqualTo("[-3]");
        assertThat(elements(metadata, "u64")).isEqualTo("[18446744073709551612]");
        assertThat(elements(metadata, "i64")).isEqualTo("[-4]");
        assertThat(elements(metadata, "f32")).isEqualTo("[0.1,\"NaN\"]");
        assertThat(elements(metadata, "f64")).isEqualTo("[\"-Infinity\"]");
        assertThat(elements(metadata, "bool")).isEqualTo("[true,false]");
        assertThat(elements(metadata, "none")).isEqualTo("[]");
        assertThat(Ran.run("inspect", path).out()).contains("[0.1, NaN]", "[65534]", "[true, false]");
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String elements(JsonObject metadata, String key) {
        return metadata.getAsJsonObject(key).get("value").toString();
    }

    @Test
    void jsonWritesAnArrayOnOneLine() {
        assertThat(Ran.run("inspect", "--json", model).out())
                .contains("      \"value\": [\"t0\", \"t1\", \"t2\", \"t3\", \"t4\", \"t5\", \"t6\", \"t7\"]\n");
    }

    @Test
    void jsonEscapesWhatCouldSteerATerminal() throws IOException {
        Path path =
                GgufBytes.small().string("k\u202e", "a\u0085\ud83d\ude00\u007f").write(directory.resolve("odd.gguf"));

        String out = Ran.run("inspect", "--json", path).out();

        assertThat(out).contains("\"k\\u202e\"", "\"a\\u0085\ud83d\ude00\\u007f\"");
        assertThat(JsonParser.parseString(out)
                        .getAsJsonObject()
                        .getAsJsonObject("metadata")
                        .keySet())
                .contains("k\u202e");
    }

    @Test
    void fullShowsLongKeysAndFewLongStringsBelow() throws IOException {
        String key = "k".repeat(150);
        String text = "x".repeat(150) + "\u001b";
        Path path = GgufBytes.small()
                .uint32(key, 7)
                .array(
                        "texts",
                        MetadataType.STRING.ordinal(),
                        1,
                        concat(bytes(8).putLong(151).array(), text.getBytes(UTF_8)))
                .write(directory.resolve("long.gguf"));

        assertThat(Ran.run("inspect", "--full", path).out().lines())
                .containsSequence(key, "  7")
                .containsSequence("texts", "  \"" + "x".repeat(150) + "\\x1b\"");
        assertThat(Ran.run("inspect", path).out())
                .doesNotContain(key)
                .contains("texts                                     ARRAY[STRING]  1 element, shown below\n")
                .contains("\ntexts\n  \"" + "x".repeat(63) + "\"... 151 bytes\n");
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @Test
    void everyEndOfALineBeginsALine() throws IOException {
        Path path = GgufBytes.small()
                .string("text", "a\r\nb\rc\n\n" + "d".repeat(100) + "\n" + "e".repeat(101))
                .write(directory.resolve("lines.gguf"));

        assertThat(Ran.run("inspect", "--full", path).out().lines())
                .containsSequence(
                        "text",
                        "  | a",
                        "  | b",
                        "  | c",
                        "  | ",
                        "  | " + "d".repeat(76),
                        "  > " + "d".repeat(24),
                        "  | " + "e".repeat(76),
                        "  > " + "e".repeat(25),
                        "");
    }

    @Test
    void missingFileIsAnIoError() {
        Ran ran = Ran.run("inspect", directory.resolve("none.gguf"));

        assertThat(ran.exitCode()).isEqualTo(5);
        assertThat(ran.err()).isEqualTo("expo-gguf: error: " + directory.resolve("none.gguf") + ": no such file\n");
    }

    @Test
    void damagedFileIsBadInput() throws IOException {
        Path damaged = directory.resolve("bad.gguf");
        Files.writeString(damaged, "not a model at all, but long enough to hold a header");

        Ran ran = Ran.run("inspect", "--json", damaged);

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).startsWith("expo-gguf: error: " + damaged + ": ");
        assertThat(ran.json().getAsJsonObject("error").get("kind").getAsString())
                .isEqualTo("bad-input");
    }

    @ParameterizedTest
    @CsvSource({"1, F16", "15, Q4_K_M", "39, NVFP4", "41, Q2_0", "1024, GUESSED", "35, Q4_0_8_8", "99, 99"})
    void namesEveryFileTypeOfLlamaCpp(int id, String name) throws IOException {
        Path file = GgufWriter.writeFile(
                directory.resolve("typed.gguf"),
                new Metadata(Map.of("general.file_type", MetadataValue.ofUint32(id))),
                List.of());

        assertThat(Ran.run("inspect", file).out()).contains(", file type " + name + System.lineSeparator());
        assertThat(Ran.run("inspect", file, "--json").json().get("fileType").getAsString())
                .isEqualTo(name);
    }
}
