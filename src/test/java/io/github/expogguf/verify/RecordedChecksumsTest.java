package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.verify.Check.Outcome;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code expo.checksum.*} says of a file, and what becomes of it when others change the file. */
class RecordedChecksumsTest {

    private static final OutputOptions HOW = OutputOptions.defaults().withThreads(2);

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static Path written;

    @BeforeAll
    static void extrapolate() throws IOException {
        written = shared.resolve("out.gguf");
        write(options().alpha(1.5f).fileType(FileType.Q4_K_M), written, HOW);
    }

    private static PlanOptions.Builder options() {
        return PlanOptions.builder();
    }

    private static List<Path> write(PlanOptions.Builder options, Path output, OutputOptions how) throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            return pair.write(options.build(), output, how).files();
        }
    }

    private static VerificationReport verify(Path file) {
        try {
            return Verifier.verify(file, HOW.work());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertChecksumsHold(Path file) {
        VerificationReport report = verify(file);
        assertThat(report.findings()).isEmpty();
        assertThat(report.checks()).containsEntry(Check.CHECKSUMS, Outcome.PASSED);
    }

    private static List<TensorData> data(Path file) throws IOException {
        List<TensorData> tensors = new ArrayList<>();
        try (GgufModel model = GgufModel.open(file)) {
            for (TensorInfo tensor : model.header().tensors()) {
                byte[] bytes = new byte[(int) tensor.byteCount()];
                model.read(tensor, 0, MemorySegment.ofArray(bytes));
                tensors.add(new TensorData(tensor.name(), tensor.type(), tensor.shape(), bytes));
            }
        }
        return tensors;
    }

    /** The file written anew by someone who changed metadata or tensors. */
    private Path rewritten(UnaryOperator<Map<String, MetadataValue>> pairs, UnaryOperator<List<TensorData>> tensors)
            throws IOException {
        Metadata metadata = GgufReader.read(written).metadata();
        return GgufWriter.writeFile(
                directory.resolve("rewritten.gguf"),
                new Metadata(pairs.apply(new LinkedHashMap<>(metadata.asMap()))),
                tensors.apply(new ArrayList<>(data(written))));
    }

    private static Map<String, MetadataValue> with(Map<String, MetadataValue> pairs, String key, MetadataValue value) {
        pairs.put(key, value);
        return pairs;
    }

    @Test
    void areThoseOfTheDataOfEachTensor() throws IOException {
        Checksums recorded = Checksums.read(GgufReader.read(written).metadata()).orElseThrow();
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (TensorData tensor : data(written)) {
            CRC32C crc = new CRC32C();
            crc.update(tensor.bytes());
            expected.put(tensor.name(), (int) crc.getValue());
        }
        Map<String, Integer> actual = new LinkedHashMap<>();
        recorded.tensors().forEach((name, entry) -> actual.put(name, entry.crc32c()));
        assertThat(actual).containsExactlyEntriesOf(expected).hasSize(30);
        assertThat(recorded.tensors().get("token_embd.weight").typeAndShape()).isEqualTo("Q4_K 256x512");
    }

    @Test
    void areRecordedHoweverAFileIsMade() throws IOException {
        Path quantized = directory.resolve("quantized.gguf");
        try (Extrapolator model = Extrapolator.open(DemoFiles.ALIGNED)) {
            model.write(options().fileType(FileType.Q8_0).build(), quantized, HOW);
        }
        assertChecksumsHold(quantized);

        Path copied = directory.resolve("copied.gguf");
        write(options().alpha(0), copied, HOW);
        assertChecksumsHold(copied);

        Path again = directory.resolve("again.gguf");
        try (Extrapolator model = Extrapolator.open(quantized)) {
            model.write(options().fileType(FileType.F16).build(), again, HOW);
        }
        assertChecksumsHold(again);
    }

    @Test
    void holdForASetOfShardsAndNameTheTensorInAnyOfThem() throws IOException {
        Path set = directory.resolve("set.gguf");
        List<Path> files = write(options().alpha(0.5f).fileType(FileType.Q8_0), set, HOW.withSplitMaxBytes(400_000));
        assertThat(files).hasSizeGreaterThan(3);
        files.forEach(RecordedChecksumsTest::assertChecksumsHold);

        GgufFile second = GgufReader.read(files.get(1));
        TensorInfo tensor = second.tensors().getFirst();
        flip(second.path(), second.fileOffset(tensor) + 3, 1);
        assertThat(verify(files.getFirst()).findings())
                .extracting(Finding::tensor)
                .containsExactly(tensor.name());
    }

    @Test
    void holdWhenAnotherToolReordersOrSplitsTheTensors() throws IOException {
        assertChecksumsHold(rewritten(UnaryOperator.identity(), List::reversed));

        Metadata metadata = GgufReader.read(written).metadata();
        List<String> keys = new ArrayList<>(metadata.keys());
        Collections.reverse(keys);
        Map<String, MetadataValue> reversed = new LinkedHashMap<>();
        keys.forEach(key -> reversed.put(key, metadata.get(key).orElseThrow()));
        List<TensorData> tensors = data(written);
        Shards shards = Shards.ofMaxBytes(
                directory.resolve("split.gguf"),
                new Metadata(reversed),
                tensors.stream().map(TensorData::spec).toList(),
                300_000);
        GgufWriter.writeShards(shards, tensors);
        assertThat(shards.files()).hasSizeGreaterThan(2);
        assertChecksumsHold(shards.files().getLast().path());
    }

    @Test
    void sayThatTheMetadataChanged() throws IOException {
        Path changed = rewritten(
                pairs -> with(pairs, "general.name", MetadataValue.ofString("Another")), UnaryOperator.identity());
        VerificationReport report = verify(changed);
        assertThat(report.findings())
                .singleElement()
                .asString()
                .startsWith("the metadata changed since it was written: CRC-32C ");
        assertThat(report.checks())
                .containsEntry(Check.CHECKSUMS, Outcome.FAILED)
                .containsEntry(Check.RECIPE, Outcome.PASSED);
        Path added = rewritten(pairs -> with(pairs, "z", MetadataValue.ofUint32(1)), UnaryOperator.identity());
        assertThat(verify(added).findings()).hasSize(1);
    }

    @Test
    void nameTensorsThatAreMissingAddedOrOfAnotherShape() throws IOException {
        Path dropped = rewritten(UnaryOperator.identity(), tensors -> tensors.subList(0, tensors.size() - 1));
        assertThat(verify(dropped).findings()).contains(new Finding("output.weight", "is missing, but was written"));

        Path added = rewritten(UnaryOperator.identity(), tensors -> {
            TensorData last = tensors.getLast();
            tensors.add(new TensorData("extra.weight", last.type(), last.shape(), last.bytes()));
            return tensors;
        });
        assertThat(verify(added).findings())
                .contains(new Finding("extra.weight", "is there, but has no checksum: it was not written so"));

        Path reshaped = rewritten(UnaryOperator.identity(), tensors -> {
            TensorData first = tensors.getFirst();
            tensors.set(
                    0,
                    new TensorData(
                            first.name(), first.type(), new io.github.expogguf.gguf.Shape(512, 256), first.bytes()));
            return tensors;
        });
        assertThat(verify(reshaped).findings())
                .containsExactly(new Finding("token_embd.weight", "is Q4_K 512x256, written was Q4_K 256x512"));
    }

    @Test
    void thatAreIncompleteOrUnreadableAreAFinding() throws IOException {
        Path without = rewritten(
                pairs -> {
                    pairs.remove("expo.checksum.metadata");
                    return pairs;
                },
                UnaryOperator.identity());
        assertThat(verify(without).findings())
                .containsExactly(Finding.ofFile("the checksums are incomplete: no string expo.checksum.metadata"));
        Metadata odd = new Metadata(Map.of(
                "expo.checksum.metadata", MetadataValue.ofString("00000000"),
                "expo.checksum.tensors", MetadataValue.ofStrings(List.of("a F32 7"))));
        assertThatThrownBy(() -> Checksums.read(odd))
                .isInstanceOf(VerificationException.class)
                .hasMessage("expo.checksum.tensors: 'a F32 7' is not NAME TYPE SHAPE CHECKSUM");
        assertThatThrownBy(() -> Checksums.read(new Metadata(with(
                        new LinkedHashMap<>(odd.asMap()),
                        "expo.checksum.tensors",
                        MetadataValue.ofStrings(List.of("a F32 7 0000000\u001b"))))))
                .hasMessage("checksum '0000000\\x1b', expected 8 hexadecimal digits");
    }

    @Test
    void namesWithSpacesSurvive() {
        Metadata metadata = new Metadata(Map.of(
                "expo.checksum.metadata", MetadataValue.ofString("00000000"),
                "expo.checksum.tensors", MetadataValue.ofStrings(List.of("  a  b  F32 7x2 0000000a"))));
        assertThat(Checksums.read(metadata).orElseThrow().tensors())
                .containsExactly(Map.entry("  a  b ", new Checksums.Entry("F32", "7x2", 10)));
    }

    @Test
    void aFileWithoutThemIsNotBlamed() {
        VerificationReport report = verify(DemoFiles.ALIGNED);
        assertThat(report.passed()).isTrue();
        assertThat(report.checks()).containsEntry(Check.CHECKSUMS, Outcome.NOT_DONE);
    }

    static void flip(Path file, long offset, int bits) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) offset] ^= (byte) bits;
        Files.write(file, bytes);
    }
}
