package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufLayoutTest {

    @TempDir
    private Path directory;

    @Test
    void saysBeforehandHowLargeTheFileWillBeAndWhereEverythingIs() throws Exception {
        Random random = new Random(11);
        for (int round = 0; round < 30; round++) {
            List<TensorData> tensors = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                GgmlType type = GgmlType.values()[random.nextInt(GgmlType.values().length)];
                Shape shape = new Shape((1 + random.nextInt(3)) * (long) type.blockSize(), 1 + random.nextInt(5));
                tensors.add(RandomTensors.of(random, "t" + i, type, shape));
            }
            Map<String, MetadataValue> pairs = new LinkedHashMap<>(
                    RandomMetadata.of(random, random.nextInt(10)).asMap());
            pairs.put("general.alignment", MetadataValue.ofUint32(8L << random.nextInt(5)));
            Metadata metadata = new Metadata(pairs);
            GgufLayout layout = GgufLayout.of(
                    metadata, tensors.stream().map(TensorData::spec).toList());

            Path path = GgufWriter.writeFile(directory.resolve(round + ".gguf"), metadata, tensors);
            GgufFile file = GgufReader.read(path);

            assertThat(Files.size(path)).isEqualTo(layout.fileBytes());
            assertThat(file.dataOffset()).isEqualTo(layout.dataOffset()).isEqualTo(headerBytes(layout).length);
            assertThat(file.tensors()).isEqualTo(layout.tensors());
            assertThat(file.alignment()).isEqualTo(layout.alignment());
            byte[] written = Files.readAllBytes(path);
            for (int i = 0; i < tensors.size(); i++) {
                int start = (int) layout.fileOffset(i);
                int end = start + tensors.get(i).bytes().length;
                assertThat(Arrays.copyOfRange(written, start, end))
                        .isEqualTo(tensors.get(i).bytes());
                assertThat(Arrays.copyOfRange(written, end, end + layout.paddingBytes(i)))
                        .isEqualTo(new byte[layout.paddingBytes(i)]);
            }
        }
    }

    private static byte[] headerBytes(GgufLayout layout) {
        return layout.header(Arena.ofAuto()).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void refusesHeadersThatItsReaderWould() {
        int most = GgufLimits.maxStrings();
        MetadataValue tooMany = MetadataValue.array(MetadataType.STRING, most + 1, new byte[8 * (most + 1)]);

        assertThatThrownBy(() -> GgufLayout.of(metadata("k", tooMany), List.of()))
                .isInstanceOf(HeaderTooLargeException.class)
                .hasMessage(
                        "1048577 strings in arrays, expected at most 1048576; java -Dexpo.gguf.max.strings=2097152 allows more");
        assertThatThrownBy(() -> GgufLayout.of(metadata("k", MetadataValue.ofString("x".repeat(20 << 20))), List.of()))
                .isInstanceOf(HeaderTooLargeException.class)
                .hasMessageContaining("expected at most 20971520; java -Dexpo.gguf.max.header.mib=32 allows more");
    }

    @Test
    void writesTheHeaderThatTheSpecificationDraws() {
        GgufLayout layout = GgufLayout.of(
                metadata("general.architecture", MetadataValue.ofString("llama")),
                List.of(
                        new TensorSpec("a", GgmlType.F32, new Shape(4, 2)),
                        new TensorSpec("b", GgmlType.Q8_0, new Shape(32, 1, 1))));

        assertThat(headerBytes(layout))
                .isEqualTo(Arrays.copyOf(
                        GgufBytes.file()
                                .string("general.architecture", "llama")
                                .tensor("a", 0, 0, 4, 2)
                                .tensor("b", 8, 32, 32, 1, 1)
                                .bytes(),
                        160));
        assertThat(layout.fileBytes()).isEqualTo(160 + 32 + 64);
    }

    @Test
    void takesOtherMetadataOfTheSameLength() {
        List<TensorSpec> specs = List.of(new TensorSpec("a", GgmlType.F32, new Shape(8)));
        GgufLayout zeros = GgufLayout.of(metadata("digest", MetadataValue.ofString("0000")), specs);

        GgufLayout filled = zeros.withMetadata(metadata("digest", MetadataValue.ofString("cafe")));

        assertThat(headerBytes(filled))
                .isEqualTo(headerBytes(GgufLayout.of(filled.metadata(), specs)))
                .isNotEqualTo(headerBytes(zeros));
        assertThat(filled.tensors()).isEqualTo(zeros.tensors());
        assertThatThrownBy(() -> zeros.withMetadata(metadata("digest", MetadataValue.ofString("coffee"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("header of 89 bytes and alignment 32, expected 87 and 32");
    }

    @Test
    void keepsTheAlignmentWhenTheMetadataIsReplaced() {
        GgufLayout layout = GgufLayout.of(metadata("general.alignment", MetadataValue.ofUint32(64)), List.of());

        assertThatThrownBy(() -> layout.withMetadata(metadata("general.alignment", MetadataValue.ofUint32(16))))
                .hasMessage("header of 57 bytes and alignment 16, expected 57 and 64");
    }

    @Test
    void refusesWhatNoReaderAccepts() {
        assertRefused(
                metadata("general.alignment", MetadataValue.ofUint32(24)),
                "a",
                "general.alignment is UINT32 24, expected a power of two from 1 to 65536 as UINT32");
        assertRefused(
                metadata("general.alignment", MetadataValue.ofString("32")),
                "a",
                "general.alignment is STRING 32, expected a power of two from 1 to 65536 as UINT32");
        assertRefused(
                metadata("", MetadataValue.ofUint32(1)), "a", "key '' of 0 bytes, expected 1 to 65535 without NUL");
        assertRefused(
                metadata("a\0", MetadataValue.ofUint32(1)),
                "a",
                "key 'a\\x00' of 2 bytes, expected 1 to 65535 without NUL");
        assertRefused(metadata("\ud800", MetadataValue.ofUint32(1)), "a", "key '\\u{d800}' has half a surrogate pair");
        Metadata none = new Metadata(Map.of());
        assertRefused(none, "", "tensor name '' of 0 bytes, expected 1 to 63 without NUL");
        assertRefused(
                none,
                "ü".repeat(32),
                "tensor name '" + "ü".repeat(32)
                        + "' of 64 bytes, expected 1 to 63 without NUL, the limit of ggml as llama.cpp builds it (GGML_MAX_NAME,"
                        + " 64 with the NUL at the end)");
        TensorSpec odd = new TensorSpec("a", GgmlType.Q4_K, new Shape(255));
        assertThatThrownBy(() -> GgufLayout.of(none, List.of(odd)))
                .hasMessage("tensor 'a': row length 255 is not a multiple of 256 (block size of Q4_K)");
        TensorSpec huge = new TensorSpec("a", GgmlType.F64, new Shape(1L << 61));
        assertThatThrownBy(() -> GgufLayout.of(none, List.of(huge))).hasMessage("tensor 'a': long overflow");
        TensorSpec fine = new TensorSpec("a", GgmlType.F32, new Shape(1));
        assertThatThrownBy(() -> GgufLayout.of(none, List.of(fine, fine))).hasMessage("tensor 'a' appears twice");
    }

    private static void assertRefused(Metadata metadata, String tensorName, String message) {
        assertThatThrownBy(
                        () -> GgufLayout.of(metadata, List.of(new TensorSpec(tensorName, GgmlType.F32, new Shape(1)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static Metadata metadata(String key, MetadataValue value) {
        return new Metadata(Map.of(key, value));
    }
}
