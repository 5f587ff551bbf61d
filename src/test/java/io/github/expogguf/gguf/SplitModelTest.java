package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.GgufFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitModelTest {

    private static final int F32 = 0;

    @TempDir
    private Path directory;

    @Test
    void opensTheWholeSetGivenAnyShard() throws Exception {
        List<TensorData> tensors = randomTensors(7);
        writeSet(tensors, List.of(3, 0, 4));
        for (int number = 0; number < 3; number++) {
            try (GgufModel model = GgufModel.open(shard(number))) {
                assertThat(model.header().name()).isEqualTo("m-00001-of-00003.gguf");
                assertThat(model.header().metadata().architecture()).isEqualTo("llama");
                assertThat(model.header().tensors())
                        .extracting(TensorInfo::name)
                        .containsExactly("t0", "t1", "t2", "t3", "t4", "t5", "t6");
                assertThat(model.header().tensors())
                        .extracting(model::fileIndex)
                        .containsExactly(0, 0, 0, 2, 2, 2, 2);
                for (int i = 0; i < tensors.size(); i++) {
                    byte[] read = new byte[tensors.get(i).bytes().length];
                    model.read(model.header().tensors().get(i), 0, MemorySegment.ofArray(read));
                    assertThat(read).isEqualTo(tensors.get(i).bytes());
                }
                assertThat(model.unchanged()).isTrue();
            }
        }
    }

    @Test
    void noticesAChangeInAnyShard() throws Exception {
        writeSet(randomTensors(3), List.of(1, 1, 1));
        try (GgufModel model = GgufModel.open(shard(0))) {
            Files.write(shard(2), new byte[10]);

            assertThatThrownBy(model::checkUnchanged)
                    .hasMessageEndingWith(
                            "m-00003-of-00003.gguf: changed while it was in use: it has 10 bytes, and had 224");
        }
    }

    @Test
    void namesTheShardThatIsMissing() throws Exception {
        writeSet(randomTensors(3), List.of(1, 1, 1));
        Files.delete(shard(1));

        assertThatThrownBy(() -> GgufModel.open(shard(2)))
                .isInstanceOf(GgufFormatException.class)
                .hasMessage(directory
                        + "/m-00002-of-00003.gguf: shard 2 of 3 is missing; it belongs next to m-00003-of-00003.gguf");
    }

    @Test
    void namesTheShardThatIsNoGguf() throws Exception {
        writeSet(randomTensors(3), List.of(1, 1, 1));
        Files.writeString(shard(1), "oops, not a model at all");

        assertThatThrownBy(() -> GgufModel.open(shard(0)))
                .hasMessage(directory
                        + "/m-00002-of-00003.gguf: not a GGUF file: starts with 'oops', expected 'GGUF' (at byte 0)");
    }

    @Test
    void rejectsShardsInEachOthersPlace() throws Exception {
        writeSet(randomTensors(3), List.of(1, 1, 1));
        Path aside = Files.move(shard(1), directory.resolve("aside"));
        Files.move(shard(2), shard(1));
        Files.move(aside, shard(2));

        assertThatThrownBy(() -> GgufModel.open(shard(0)))
                .hasMessage(directory + "/m-00002-of-00003.gguf: split.no is 2, expected 1");
        assertThatThrownBy(() -> GgufModel.open(shard(1)))
                .hasMessage(directory + "/m-00002-of-00003.gguf: is shard 3 of 3, but its name does not end in"
                        + " '-00003-of-00003.gguf', so that the other shards cannot be found");
    }

    @Test
    void rejectsAShardTwice() throws Exception {
        shardBytes(0, 2, 2).tensor("t", F32, 0, 8).data(32).write(path(0, 2));
        shardBytes(1, 2, 2).tensor("t", F32, 0, 8).data(32).write(path(1, 2));

        assertThatThrownBy(() -> GgufModel.open(path(0, 2)))
                .hasMessage(directory + "/m-00002-of-00002.gguf: tensor 't' is in shard m-00001-of-00002.gguf as well");
    }

    @Test
    void rejectsShardsOfAnotherSet() throws Exception {
        shardBytes(0, 2, 2).tensor("a", F32, 0, 8).data(32).write(path(0, 2));
        shardBytes(1, 2, 5).tensor("b", F32, 0, 8).data(32).write(path(1, 2));
        assertThatThrownBy(() -> GgufModel.open(path(0, 2)))
                .hasMessage(directory + "/m-00002-of-00002.gguf: split.tensors.count is 5, expected 2");

        shardBytes(1, 3, 2).tensor("b", F32, 0, 8).data(32).write(path(1, 2));
        assertThatThrownBy(() -> GgufModel.open(path(0, 2)))
                .hasMessage(directory + "/m-00002-of-00002.gguf: split.count is 3, expected 2");

        GgufBytes.file().tensor("b", F32, 0, 8).data(32).write(path(1, 2));
        assertThatThrownBy(() -> GgufModel.open(path(0, 2)))
                .hasMessage(
                        directory + "/m-00002-of-00002.gguf: does not say that it is one of 2 shards (split.count)");
    }

    @Test
    void rejectsASetWithTensorsMissing() throws Exception {
        shardBytes(0, 2, 3).tensor("a", F32, 0, 8).data(32).write(path(0, 2));
        shardBytes(1, 2, 3).tensor("b", F32, 0, 8).data(32).write(path(1, 2));

        assertThatThrownBy(() -> GgufModel.open(path(0, 2)))
                .hasMessage(directory
                        + "/m-00001-of-00002.gguf: the 2 shards hold 2 tensors, expected 3 (split.tensors.count)");
    }

    @Test
    void rejectsSplitKeysThatLlamaCppWouldDieOf() throws Exception {
        Path path = path(0, 2);
        GgufBytes.file().uint32("split.count", 2).write(path);
        assertThatThrownBy(() -> GgufModel.open(path))
                .hasMessage(directory + "/m-00001-of-00002.gguf: split.count is of type UINT32, expected UINT16");

        GgufBytes.file().uint16("split.count", 2).uint32("split.no", 0).write(path);
        assertThatThrownBy(() -> GgufModel.open(path))
                .hasMessage(directory + "/m-00001-of-00002.gguf: split.no is of type UINT32, expected UINT16");

        GgufBytes.file().uint16("split.count", 2).write(path);
        assertThatThrownBy(() -> GgufModel.open(path))
                .hasMessage(directory + "/m-00001-of-00002.gguf: is one of several shards, but has no split.no");

        shardBytes(2, 2, 1).write(path);
        assertThatThrownBy(() -> GgufModel.open(path))
                .hasMessage(directory + "/m-00001-of-00002.gguf: split.no is 2, expected 0 to 1 (split.count 2)");
    }

    @Test
    void rejectsARenamedShard() throws Exception {
        Path renamed = shardBytes(0, 2, 1).tensor("a", F32, 0, 8).data(32).write(directory.resolve("model.gguf"));

        assertThatThrownBy(() -> GgufModel.open(renamed))
                .hasMessage(
                        directory + "/model.gguf: is shard 1 of 2, but its name does not end in '-00001-of-00002.gguf',"
                                + " so that the other shards cannot be found");
    }

    @Test
    void takesASetOfOneForASingleFile() throws Exception {
        Path path = shardBytes(0, 1, 1).tensor("a", F32, 0, 8).data(32).write(directory.resolve("any name"));

        try (GgufModel model = GgufModel.open(path)) {
            assertThat(model.header().tensors()).hasSize(1);
        }
    }

    private static List<TensorData> randomTensors(int count) {
        Random random = new Random(count);
        List<TensorData> tensors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tensors.add(RandomTensors.of(random, "t" + i, GgmlType.F16, new Shape(1 + random.nextInt(50), 2)));
        }
        return tensors;
    }

    /** Only the first file carries the alignment of 64, so that the others have their own, 32. */
    private void writeSet(List<TensorData> tensors, List<Integer> counts) throws Exception {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.architecture", MetadataValue.ofString("llama"));
        pairs.put("general.alignment", MetadataValue.ofUint32(64));
        List<TensorSpec> specs = tensors.stream().map(TensorData::spec).toList();
        GgufWriter.writeShards(
                Shards.ofTensorCounts(directory.resolve("m.gguf"), new Metadata(pairs), specs, counts), tensors);
    }

    private Path shard(int number) {
        return path(number, 3);
    }

    private Path path(int number, int count) {
        return directory.resolve(SplitNames.shardName("m", number, count));
    }

    private static GgufBytes shardBytes(int number, int count, int tensorCount) {
        return GgufBytes.file()
                .uint16("split.no", number)
                .uint16("split.count", count)
                .int32("split.tensors.count", tensorCount);
    }
}
