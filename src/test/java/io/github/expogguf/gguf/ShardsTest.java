package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardsTest {

    private static final Metadata METADATA = metadata("0000");
    private static final Path OUTPUT = Path.of("dir", "out.gguf");

    @Test
    void beginsAShardWithTheTensorThatWouldExceedTheLimit() {
        // 32, 64, 32, 160 and 32 bytes when padded
        List<TensorSpec> tensors = tensors(8, 9, 1, 40, 8);

        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 1000))).containsExactly(5);
        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 320))).containsExactly(5);
        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 319))).containsExactly(4, 1);
        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 128))).containsExactly(3, 1, 1);
        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 127))).containsExactly(2, 1, 1, 1);
        assertThat(counts(Shards.ofMaxBytes(OUTPUT, METADATA, tensors, 1))).containsExactly(1, 1, 1, 1, 1);
    }

    @Test
    void namesTheFilesAsLlamaCppDoes() {
        for (String output : List.of("out.gguf", "out", "out-00001-of-00009.gguf")) {
            Shards shards = Shards.ofMaxBytes(Path.of("dir", output), METADATA, tensors(8, 8, 8), 64);

            assertThat(shards.files())
                    .extracting(Shards.Shard::path)
                    .containsExactly(Path.of("dir/out-00001-of-00002.gguf"), Path.of("dir/out-00002-of-00002.gguf"));
        }
    }

    @Test
    void putsAllMetadataIntoTheFirstFileAndTheSplitKeysIntoEach() {
        Shards shards = Shards.ofTensorCounts(OUTPUT, METADATA, tensors(8, 8, 8), List.of(1, 2));

        Map<String, MetadataValue> first =
                shards.files().getFirst().layout().metadata().asMap();
        Map<String, MetadataValue> second =
                shards.files().getLast().layout().metadata().asMap();
        assertThat(first.keySet())
                .containsExactly("general.name", "digest", "split.no", "split.count", "split.tensors.count");
        assertThat(second)
                .containsExactly(
                        Map.entry("split.no", MetadataValue.ofInteger(MetadataType.UINT16, 1)),
                        Map.entry("split.count", MetadataValue.ofInteger(MetadataType.UINT16, 2)),
                        Map.entry("split.tensors.count", MetadataValue.ofInteger(MetadataType.INT32, 3)));
        assertThat(first.get("split.no").asLong()).isZero();
        assertThat(shards.files()).extracting(Shards.Shard::firstTensor).containsExactly(0, 1);
        assertThat(shards.tensorCount()).isEqualTo(3);
        assertThat(shards.totalBytes())
                .isEqualTo(shards.files().stream()
                        .mapToLong(file -> file.layout().fileBytes())
                        .sum());
    }

    @Test
    void leavesSplitKeysOutOfASingleFile() {
        for (Shards shards : List.of(
                Shards.single(OUTPUT, METADATA, tensors(8)),
                Shards.ofTensorCounts(OUTPUT, METADATA, tensors(8), List.of(1)))) {
            assertThat(shards.files()).hasSize(1);
            assertThat(shards.files().getFirst().path()).isEqualTo(OUTPUT);
            assertThat(shards.files().getFirst().layout().metadata().keys()).containsExactly("general.name", "digest");
        }
    }

    @Test
    void replacesTheMetadataOfTheFirstFile() {
        for (Shards shards : List.of(
                Shards.single(OUTPUT, METADATA, tensors(8, 8)),
                Shards.ofMaxBytes(OUTPUT, METADATA, tensors(8, 8), 32))) {
            Shards replaced = shards.withMetadata(metadata("cafe"));

            Metadata first = replaced.files().getFirst().layout().metadata();
            assertThat(first.string("digest")).contains("cafe");
            assertThat(first.keys())
                    .isEqualTo(shards.files().getFirst().layout().metadata().keys());
            assertThat(replaced.totalBytes()).isEqualTo(shards.totalBytes());
            assertThat(replaced.files().subList(1, replaced.files().size()))
                    .isEqualTo(shards.files().subList(1, shards.files().size()));
        }
    }

    @Test
    void refusesImpossiblePartitions() {
        assertThatThrownBy(() -> Shards.ofTensorCounts(OUTPUT, METADATA, tensors(8, 8), List.of(1, 2)))
                .hasMessage("shards of [1, 2] tensors for 2");
        assertThatThrownBy(() -> Shards.ofTensorCounts(OUTPUT, METADATA, tensors(8, 8), List.of(3, -1)))
                .hasMessage("shards of [3, -1] tensors for 2");
        assertThatThrownBy(() -> Shards.ofMaxBytes(OUTPUT, METADATA, tensors(8), 0))
                .hasMessage("shards of 0 bytes, expected at least 1");
        TensorSpec twice = new TensorSpec("a", GgmlType.F32, new Shape(8));
        assertThatThrownBy(() -> Shards.ofMaxBytes(OUTPUT, METADATA, List.of(twice, twice), 32))
                .hasMessage("tensor 'a' appears twice");
    }

    private static List<Integer> counts(Shards shards) {
        return shards.files().stream().map(Shards.Shard::tensorCount).toList();
    }

    private static List<TensorSpec> tensors(long... lengths) {
        List<TensorSpec> tensors = new ArrayList<>();
        for (long length : lengths) {
            tensors.add(new TensorSpec("t" + tensors.size(), GgmlType.F32, new Shape(length)));
        }
        return tensors;
    }

    private static Metadata metadata(String digest) {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.name", MetadataValue.ofString("x"));
        pairs.put("split.count", MetadataValue.ofInteger(MetadataType.UINT16, 7));
        pairs.put("digest", MetadataValue.ofString(digest));
        return new Metadata(pairs);
    }
}
