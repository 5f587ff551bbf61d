package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufModelTest {

    private static final TensorData WEIGHT =
            RandomTensors.of(new Random(3), "a.weight", GgmlType.Q4_K, new Shape(256, 9));
    private static final TensorData BIAS = RandomTensors.of(new Random(4), "a.bias", GgmlType.F32, new Shape(5));

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void writeModel() throws Exception {
        path = GgufWriter.writeFile(
                directory.resolve("m.gguf"),
                new Metadata(Map.of("general.architecture", MetadataValue.ofString("llama"))),
                List.of(WEIGHT, BIAS));
    }

    @Test
    void readsAnyPartOfATensor() throws Exception {
        try (GgufModel model = GgufModel.open(path);
                Arena arena = Arena.ofConfined()) {
            TensorInfo weight = model.header().tensors().getFirst();
            int size = WEIGHT.bytes().length;
            for (int[] range : new int[][] {{0, 0}, {0, 1}, {0, size}, {1, size - 1}, {144, 288}, {size, 0}}) {
                MemorySegment target = arena.allocate(range[1] + 2);
                target.fill((byte) 0x5A);

                model.read(weight, range[0], target.asSlice(1, range[1]));

                assertThat(target.asSlice(1, range[1]).toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(Arrays.copyOfRange(WEIGHT.bytes(), range[0], range[0] + range[1]));
                assertThat(target.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5A);
                assertThat(target.get(ValueLayout.JAVA_BYTE, range[1] + 1)).isEqualTo((byte) 0x5A);
            }
        }
    }

    @Test
    void readsFromManyThreadsAtOnce() throws Exception {
        try (GgufModel model = GgufModel.open(path)) {
            TensorInfo weight = model.header().tensors().getFirst();
            IntStream.range(0, 500).parallel().forEach(round -> {
                byte[] row = new byte[144];
                try {
                    model.read(weight, round % 9 * 144, MemorySegment.ofArray(row));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                assertThat(row).isEqualTo(Arrays.copyOfRange(WEIGHT.bytes(), round % 9 * 144, round % 9 * 144 + 144));
            });
        }
    }

    @Test
    void rejectsRangesOutsideTheTensor() throws Exception {
        try (GgufModel model = GgufModel.open(path)) {
            TensorInfo bias = model.header().tensors().getLast();
            for (long offset : new long[] {-1, 17, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertThatThrownBy(() -> model.read(bias, offset, MemorySegment.ofArray(new byte[4])))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage("tensor 'a.bias': 4 bytes at " + offset + " of 20");
            }
            assertThatThrownBy(() -> model.read(bias, 0, MemorySegment.ofArray(new byte[21])))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void rejectsTensorsOfAnotherModel() throws Exception {
        try (GgufModel model = GgufModel.open(path)) {
            TensorInfo other = new TensorInfo("a.bias", GgmlType.F32, new Shape(6), 1312);

            assertThatThrownBy(() -> model.fileIndex(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("m.gguf has no tensor 'a.bias' of this type, shape and offset");
        }
    }

    @Test
    void saysWhenTheFileBecameShorter() throws Exception {
        try (GgufModel model = GgufModel.open(path)) {
            long size = Files.size(path);
            TensorInfo bias = model.header().tensors().getLast();
            long needed = model.files().getFirst().fileOffset(bias) + 8;
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(needed);
            }

            assertThatThrownBy(() -> model.read(bias, 0, MemorySegment.ofArray(new byte[20])))
                    .isInstanceOf(EOFException.class)
                    .hasMessage(path + ": tensor 'a.bias': the file ends at byte " + needed + " while byte " + needed
                            + " is needed; it had " + size + " bytes when it was opened");
            assertThat(model.unchanged()).isFalse();
        }
    }

    @Test
    void noticesThatAFileWasReplacedTouchedOrDeleted() throws Exception {
        try (GgufModel model = GgufModel.open(path)) {
            FileTime modified = Files.getLastModifiedTime(path);
            assertThat(model.unchanged()).isTrue();

            Files.setLastModifiedTime(path, FileTime.fromMillis(modified.toMillis() + 1000));
            assertThatThrownBy(model::checkUnchanged).hasMessageContaining("m.gguf: changed while it was in use: it ");
            Files.setLastModifiedTime(path, modified);
            assertThat(model.unchanged()).isTrue();

            Path copy = Files.copy(path, directory.resolve("copy.gguf"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(copy, path, StandardCopyOption.REPLACE_EXISTING);
            assertThat(model.unchanged()).isFalse();

            Files.delete(path);
            assertThatThrownBy(model::checkUnchanged)
                    .hasMessageEndingWith("m.gguf: changed while it was in use: it is gone");
        }
    }

    @Test
    void readsNoMoreOnceClosed() throws Exception {
        GgufModel model = GgufModel.open(path);
        model.close();
        model.close();

        assertThatThrownBy(() -> model.read(model.header().tensors().getLast(), 0, MemorySegment.ofArray(new byte[4])))
                .isInstanceOf(ClosedChannelException.class);
    }
}
