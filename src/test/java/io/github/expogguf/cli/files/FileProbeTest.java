package io.github.expogguf.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.corpus.BadInput;
import io.github.expogguf.corpus.Corpus;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FileProbeTest {

    private static final TinyModel MODEL = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));

    @TempDir
    Path directory;

    private FoundFile look(String name, byte[] bytes) throws IOException {
        return FileProbe.look(Files.write(directory.resolve(name), bytes));
    }

    private FoundFile look(String name, String text) throws IOException {
        return look(name, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private FoundFile look(String name, TinyModel model) {
        return FileProbe.look(model.write(directory.resolve(name), TensorValues.random(1)));
    }

    private static byte[] safetensors(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static byte[] safetensors(int dataBytes) {
        return safetensors("{\"a\":{\"dtype\":\"BF16\",\"shape\":[4,8],\"data_offsets\":[0,64]}}", dataBytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version https://git-lfs.github.com/spec/v1;oid sha256:1;size 4368439584;|LFS_POINTER|4.37 GB",
                "<!DOCTYPE html><html>Please log in|WEB_PAGE|web page",
                "; <HTML><head>|WEB_PAGE|web page",
                "<?xml version='1.0'?><Error>|WEB_PAGE|web page",
                "Entry not found|TEXT|text that begins with 'Entry not found'",
                "{\"error\":\"Repository not found\"}|TEXT|text that begins with '{\"error\":",
                "\u007fELF\u0002|OTHER|neither GGUF nor safetensors: begins with '\\x7fELF'",
                "\u0080\u0002ctorch|PYTORCH|PyTorch",
                "BZh91AY|ARCHIVE|an archive",
                "Rar!|ARCHIVE|an archive",
            })
    void whatIsNoModelIsToldByItsBeginning(String text, FileKind kind, String words) throws IOException {
        FoundFile found = look("m.gguf", text.replace(';', '\n'));

        assertThat(found.kind()).isEqualTo(kind);
        assertThat(found.text()).contains(words);
        assertThat(found.kind().isUsable()).isFalse();
    }

    @Test
    void checkpointsOfPyTorchAreArchivesWithItsNames() throws IOException {
        assertThat(look("pytorch_model.bin", "PK\u0003\u0004....").kind()).isEqualTo(FileKind.PYTORCH);
        assertThat(look("m.zip", "PK\u0003\u0004....").kind()).isEqualTo(FileKind.ARCHIVE);
    }

    @Test
    void emptyAndMissing() throws IOException {
        assertThat(look("m.gguf", "").kind()).isEqualTo(FileKind.EMPTY);
        assertThat(FileProbe.look(directory.resolve("none")).kind()).isEqualTo(FileKind.MISSING);
        assertThat(FileProbe.look(directory).kind()).isEqualTo(FileKind.GGUF_FOLDER);
    }

    @Test
    void aModelIsToldWithArchitectureSizeAndType() {
        FoundFile found = FileProbe.look(DemoFiles.SFT);

        assertThat(found.kind()).isEqualTo(FileKind.MODEL);
        assertThat(found.text()).isEqualTo("GGUF model: llama, 2.03 million weights, F16, 4.08 MB");
        assertThat(found.weights().orElseThrow().coarse()).isFalse();
    }

    /** Whole, or told with what is there and what should be. */
    @Test
    void whereverAModelIsCutOffItIsABeginning() throws IOException {
        byte[] whole = Files.readAllBytes(MODEL.write(directory.resolve("whole.gguf"), TensorValues.random(1)));

        for (int length = 4; length < whole.length; length += 97) {
            FoundFile found = look("m.gguf", Arrays.copyOf(whole, length));

            assertThat(found.kind()).as("%s bytes: %s", length, found.text()).isEqualTo(FileKind.UNFINISHED);
            assertThat(found.bytes()).isEqualTo(length);
            assertThat(found.expectedBytes().orElseThrow()).isBetween(length + 1L, (long) whole.length);
        }
        FoundFile last = look("m.gguf", Arrays.copyOf(whole, whole.length - 100));
        assertThat(last.expectedBytes().orElseThrow()).isCloseTo(whole.length, Offset.offset(32L));
    }

    @Test
    void typesBelowEightBitsAreCoarseUnlessTrained() {
        assertThat(coarse(MODEL.withMatrices(GgmlType.Q4_0))).isTrue();
        assertThat(coarse(MODEL.withMatrices(GgmlType.Q8_0))).isFalse();
        assertThat(coarse(MODEL.withMatrices(GgmlType.Q4_0).with("general.name", MetadataValue.ofString("m-qat-q4"))))
                .isFalse();
    }

    private boolean coarse(TinyModel model) {
        return look("m.gguf", model).weights().orElseThrow().coarse();
    }

    @ParameterizedTest
    @CsvSource({"adapter, lora, LORA", "imatrix, , IMATRIX", "mmproj, , PROJECTOR", "model, , MODEL"})
    void kindsOfGgufAreToldByTheirMetadata(String type, String adapter, FileKind kind) {
        TinyModel model = MODEL.with("general.type", MetadataValue.ofString(type));

        assertThat(look("m.gguf", adapter == null ? model : model.with("adapter.type", MetadataValue.ofString(adapter)))
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void projectorsOfOldAndVocabulariesAreNoModels() {
        assertThat(look("m.gguf", MODEL.with("general.architecture", MetadataValue.ofString("clip")))
                        .kind())
                .isEqualTo(FileKind.PROJECTOR);
        assertThat(look("m.gguf", MODEL.select(_ -> false)).kind()).isEqualTo(FileKind.VOCABULARY);
    }

    @Test
    void imatricesOfBeforeGgufAreKnown() throws IOException {
        byte[] name = "blk.0.attn_q.weight".getBytes(StandardCharsets.US_ASCII);
        byte[] start = ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(name.length)
                .put(name)
                .array();

        assertThat(look("imatrix.dat", start).kind()).isEqualTo(FileKind.IMATRIX);
    }

    @Test
    void shardsAreASetOrMissOthers() throws IOException {
        Path set = directory.resolve("set.gguf");
        assertThat(Ran.run("quantize", "-m", DemoFiles.SFT, "--type", "F16", "--split-max-size", "1M", "-o", set)
                        .exitCode())
                .isZero();
        List<Path> shards;
        try (Stream<Path> files = Files.list(directory)) {
            shards = files.sorted().toList();
        }
        assertThat(shards).hasSizeGreaterThan(2);
        FoundFile whole = FileProbe.look(shards.getLast());
        assertThat(whole.kind()).isEqualTo(FileKind.MODEL);
        assertThat(whole.text()).startsWith("GGUF model in " + shards.size() + " shards: llama, 2.03 million weights");
        assertThat(FileProbe.lookAtAll(List.of(directory))).hasSize(1);
        assertThat(FileProbe.lookAtAll(shards)).hasSize(1);

        Files.write(shards.get(1), Arrays.copyOf(Files.readAllBytes(shards.get(1)), 1000));
        FoundFile short2 = FileProbe.look(shards.getFirst());
        assertThat(short2.kind()).isEqualTo(FileKind.UNFINISHED);
        assertThat(short2.text()).contains("of which " + shards.get(1).getFileName() + " is: the beginning of a GGUF");

        Files.delete(shards.get(1));
        FoundFile missing = FileProbe.look(shards.getFirst());
        assertThat(missing.kind()).isEqualTo(FileKind.SHARDS_MISSING);
        assertThat(missing.missing())
                .containsExactly(shards.get(1).getFileName().toString());
    }

    @Test
    void safetensorsAreWholeOrBeginnings() throws IOException {
        FoundFile whole = look("m.safetensors", safetensors(64));
        assertThat(whole.kind()).isEqualTo(FileKind.SAFETENSORS);
        assertThat(whole.text()).startsWith("safetensors file: 32 weights, BF16, ");

        FoundFile part = look("m.safetensors", safetensors(63));
        assertThat(part.kind()).isEqualTo(FileKind.UNFINISHED);
        assertThat(part.expectedBytes()).hasValue(part.bytes() + 1);

        String lora = "{\"base_model.model.q.lora_A.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        assertThat(look("adapter_model.safetensors", safetensors(lora, 4)).kind())
                .isEqualTo(FileKind.PEFT_WITHOUT_CONFIG);
        assertThat(FileProbe.look(directory).kind()).isEqualTo(FileKind.PEFT_WITHOUT_CONFIG);
        Files.writeString(directory.resolve("adapter_config.json"), "{\"peft_type\":\"LORA\",\"r\":8}");
        assertThat(look("adapter_model.safetensors", safetensors(lora, 4)).kind())
                .isEqualTo(FileKind.PEFT_FILE);
        assertThat(FileProbe.look(directory).text()).isEqualTo("folder of a PEFT adapter: LORA, rank 8");
        Files.delete(directory.resolve("adapter_model.safetensors"));
        FoundFile without = FileProbe.look(directory);
        assertThat(without.kind()).isEqualTo(FileKind.SHARDS_MISSING);
        assertThat(without.text())
                .isEqualTo("folder of a PEFT adapter without adapter_model.safetensors: LORA, rank 8");
    }

    @Test
    void foldersAreToldByWhatIsInThem() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{\"architectures\":[\"LlamaForCausalLM\"]}");
        assertThat(FileProbe.look(directory).kind()).isEqualTo(FileKind.SHARDS_MISSING);

        Files.write(directory.resolve("pytorch_model.bin"), new byte[] {'P', 'K', 3, 4});
        assertThat(FileProbe.look(directory).kind()).isEqualTo(FileKind.PYTORCH);

        Files.write(directory.resolve("model-00001-of-00002.safetensors"), safetensors(64));
        FoundFile missing = FileProbe.look(directory);
        assertThat(missing.kind()).isEqualTo(FileKind.SHARDS_MISSING);
        assertThat(missing.missing()).containsExactly("model-00002-of-00002.safetensors");
        assertThat(missing.text()).contains("LlamaForCausalLM");

        Path second = Files.write(directory.resolve("model-00002-of-00002.safetensors"), safetensors(64));
        FoundFile twice = FileProbe.look(directory);
        assertThat(twice.kind()).isEqualTo(FileKind.DAMAGED);
        assertThat(twice.text()).contains("'a' is in model-00001-of-00002.safetensors, too");
        Files.write(second, safetensors("{\"b\":{\"dtype\":\"BF16\",\"shape\":[32],\"data_offsets\":[0,64]}}", 64));
        FoundFile whole = FileProbe.look(directory);
        assertThat(whole.kind()).isEqualTo(FileKind.FOLDER);
        assertThat(whole.text())
                .startsWith("folder of a Hugging Face model: LlamaForCausalLM, 64 weights, BF16, ")
                .endsWith(" in 2 safetensors files");

        Files.writeString(second, "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 64\n");
        assertThat(FileProbe.look(directory).kind()).isEqualTo(FileKind.LFS_POINTER);
        Files.write(second, safetensors(10));
        assertThat(FileProbe.look(directory).text()).contains("model-00002-of-00002.safetensors: the beginning of a");

        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"z\":\"x.safetensors\"}}");
        Files.write(second, safetensors(64));
        assertThat(FileProbe.look(directory).missing()).containsExactly("x.safetensors");
        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        FoundFile misnamed = FileProbe.look(directory);
        assertThat(misnamed.kind()).isEqualTo(FileKind.DAMAGED);
        assertThat(misnamed.text())
                .contains("has 'a' in x.safetensors, which is not there", "download the index again");

        Files.writeString(directory.resolve("adapter_config.json"), "{\"peft_type\":\"LORA\",\"r\":8}");
        assertThat(FileProbe.look(directory).text()).isEqualTo("folder of a PEFT adapter: LORA, rank 8");
    }

    @ParameterizedTest
    @CsvSource({"m.gguf.incomplete", "m.gguf.part", "m.gguf.crdownload"})
    void namesOfDownloadsOnTheirWayAreKnown(String name) throws IOException {
        assertThat(look(name, Files.readAllBytes(DemoFiles.SFT)).kind()).isEqualTo(FileKind.UNFINISHED);
    }

    static Stream<BadInput> badModels() {
        return Corpus.all().stream()
                .filter(input -> input.kind() == BadInput.Kind.MODEL && input.exitCode() != 0 && !input.isLarge());
    }

    @ParameterizedTest
    @MethodSource("badModels")
    void whatOtherCommandsRefuseIsNoModel(BadInput input) throws IOException {
        FoundFile found = FileProbe.look(input.write(directory));

        assertThat(found.kind().isModel()).as(found.text()).isFalse();
    }

    @Test
    void errorsEndInTheSameHints() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path page = Files.writeString(directory.resolve("page.gguf"), "<!DOCTYPE html><html>");
        Path empty = Files.createFile(directory.resolve("empty.gguf"));
        Path half = Files.write(
                directory.resolve("half.gguf"), Arrays.copyOf(Files.readAllBytes(DemoFiles.SFT), 1_000_000));

        assertThat(plan(pair.sft(), page)).endsWith("; " + FileKind.WEB_PAGE.hint() + "\n");
        assertThat(plan(pair.sft(), empty)).endsWith("; it is empty: is the download complete?\n");
        assertThat(plan(pair.sft(), half))
                .endsWith("; is the download complete? 1.00 MB of 4.08 MB or more are there\n")
                .hasLineCount(1);
        for (String start : List.of("abc", "GGU", "ab\n")) {
            Path few = Files.writeString(directory.resolve("few.gguf"), start);
            assertThat(plan(pair.sft(), few))
                    .endsWith("; is the download complete?\n")
                    .doesNotContain("text");
            Path safetensors = Files.writeString(directory.resolve("few.safetensors"), start.substring(0, 3));
            assertThat(plan(pair.sft(), safetensors))
                    .endsWith("; is the download complete?\n")
                    .doesNotContain("text");
        }
        Path lora = directory.resolve("lora.gguf");
        MODEL.with("general.type", MetadataValue.ofString("adapter"))
                .with("adapter.type", MetadataValue.ofString("lora"))
                .write(lora, TensorValues.random(1));
        assertThat(plan(pair.sft(), lora)).isEqualTo("expo-gguf: error: lora.gguf: " + FileKind.LORA.hint() + "\n");
    }

    private static String plan(Path sft, Path aligned) {
        return Ran.run("plan", "--sft", sft, "--aligned", aligned).err();
    }

    @Test
    void aSafetensorsFileOfSeveralIsPartOfAFolder() {
        Path folder = Path.of("src/test/resources/folders/llama_shards/sft");

        assertThat(FileProbe.look(folder.resolve("model-00002-of-00004.safetensors"))
                        .kind())
                .isEqualTo(FileKind.PART_OF_FOLDER);
        assertThat(FileProbe.look(folder).kind()).isEqualTo(FileKind.FOLDER);
    }
}
