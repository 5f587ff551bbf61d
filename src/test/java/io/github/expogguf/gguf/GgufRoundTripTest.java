package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufRoundTripTest {

    private static final long SEED = 20240416;

    @TempDir
    private Path directory;

    @Test
    void everyMetadataValueComesBackByteForByte() throws Exception {
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            Metadata written = RandomMetadata.of(random, random.nextInt(40));
            Path path = GgufWriter.writeFile(directory.resolve("model.gguf"), written, List.of());

            Metadata read = GgufReader.read(path).metadata();

            assertThat(read.asMap()).as("seed %d, round %d", SEED, round).isEqualTo(written.asMap());
            assertThat(List.copyOf(read.keys())).isEqualTo(List.copyOf(written.keys()));
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void tensorsOfEveryTypeComeBack(GgmlType type) throws Exception {
        Random random = new Random(SEED + type.id());
        List<TensorData> tensors = new ArrayList<>();
        for (long[] dimensions : new long[][] {{1}, {3}, {1, 1}, {2, 3}, {1, 2, 3}, {2, 1, 3, 2}, {1, 1, 1, 1}}) {
            dimensions[0] *= type.blockSize();
            tensors.add(RandomTensors.of(random, "t" + tensors.size(), type, new Shape(dimensions)));
        }
        Path path = GgufWriter.writeFile(directory.resolve("model.gguf"), new Metadata(Map.of()), tensors);

        try (GgufModel model = GgufModel.open(path)) {
            assertThat(model.header().tensors()).hasSameSizeAs(tensors);
            for (int i = 0; i < tensors.size(); i++) {
                TensorInfo info = model.header().tensors().get(i);
                assertThat(TensorSpec.of(info)).isEqualTo(tensors.get(i).spec());
                assertThat(info.shape().dimensions())
                        .isEqualTo(tensors.get(i).shape().dimensions());
                assertThat(readAll(model, info)).isEqualTo(tensors.get(i).bytes());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 16, 32, 64, 4096, 65536})
    void offsetsFollowTheAlignmentThatTheMetadataStates(int alignment) throws Exception {
        Random random = new Random(SEED);
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.name", MetadataValue.ofString("aligned to " + alignment));
        pairs.put("general.alignment", MetadataValue.ofUint32(alignment));
        List<TensorData> tensors = List.of(
                RandomTensors.of(random, "a", GgmlType.F32, new Shape(3)),
                RandomTensors.of(random, "b", GgmlType.I8, new Shape(7, 5)),
                RandomTensors.of(random, "c", GgmlType.Q8_0, new Shape(32, 3)));
        Path path = GgufWriter.writeFile(directory.resolve("model.gguf"), new Metadata(pairs), tensors);

        try (GgufModel model = GgufModel.open(path)) {
            GgufFile file = model.files().getFirst();
            assertThat(file.alignment()).isEqualTo(alignment);
            assertThat(file.dataOffset() % alignment).isZero();
            assertThat(file.tensors()).allMatch(tensor -> tensor.offset() % alignment == 0);
            assertThat(file.fileBytes() % alignment).isZero();
            assertThat(file.trailingBytes()).isZero();
            assertThat(readAll(model, file.tensors().get(2)))
                    .isEqualTo(tensors.get(2).bytes());
        }
    }

    private static byte[] readAll(GgufModel model, TensorInfo tensor) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(tensor.byteCount());
            model.read(tensor, 0, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
