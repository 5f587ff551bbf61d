package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeHeaderCheckTest {

    @TempDir
    private Path directory;

    @Test
    void bothReadersSeeTheSameInTheTrainedModels() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("expo.gguf.demo.directory")))) {
            List<Path> models =
                    files.filter(path -> path.toString().endsWith(".gguf")).toList();
            assertThat(models).hasSize(4);
            for (Path model : models) {
                NativeHeaderCheck.check(GgufReader.read(model));
            }
        }
    }

    @Test
    void acceptsVersionTwo() throws Exception {
        NativeHeaderCheck.check(GgufReader.read(GgufBytes.small().version(2).write(directory.resolve("m.gguf"))));
    }

    /**
     * What the Java reader lets through, ggml accepts and understands in the same way: the property that keeps it safe.
     */
    @Test
    void ggmlAcceptsEveryDamagedFileThatTheJavaReaderAccepts() throws Exception {
        Random random = new Random(8);
        byte[] whole = GgufBytes.small().uint32("general.alignment", 32).bytes();
        Path path = directory.resolve("m.gguf");
        int accepted = 0;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int round = 0; round < 5_000; round++) {
                byte[] bytes = whole.clone();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    int place = random.nextInt(bytes.length);
                    int value = random.nextInt(random.nextBoolean() ? 256 : 16);
                    if (!GgufBytes.isUpperPartOfADimension(whole, place)) {
                        bytes[place] = (byte) value;
                    }
                }
                channel.write(ByteBuffer.wrap(bytes), 0);
                GgufFile file;
                try {
                    file = GgufReader.read(path);
                } catch (GgufFormatException rejected) {
                    continue;
                }
                NativeHeaderCheck.check(file);
                accepted++;
            }
        }
        assertThat(accepted).isGreaterThan(500);
    }

    @Test
    void namesTheFirstDifference() throws Exception {
        GgufFile file = GgufReader.read(GgufBytes.small().write(directory.resolve("m.gguf")));

        assertDifference(
                new GgufFile(file.path(), 2, 32, file.metadata(), file.tensors(), file.dataOffset(), file.fileBytes()),
                "version is 2, but 3 to ggml's own reader");
        assertDifference(
                new GgufFile(file.path(), 3, 64, file.metadata(), file.tensors(), file.dataOffset(), file.fileBytes()),
                "alignment is 64, but 32 to ggml's own reader");
        assertDifference(
                new GgufFile(file.path(), 3, 32, file.metadata(), file.tensors(), 1, file.fileBytes()),
                "data offset is 1, but " + file.dataOffset() + " to ggml's own reader");
        assertDifference(
                withMetadata(file, new Metadata(Map.of())),
                "number of key/value pairs is 0, but 3 to ggml's own reader");
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        for (String key : List.of("general.architecture", "other", "tags")) {
            pairs.put(key, MetadataValue.ofUint32(0));
        }
        assertDifference(
                withMetadata(file, new Metadata(pairs)),
                "key 1 is 'other', but 'llama.block_count' to ggml's own reader");
    }

    @Test
    void namesTheFirstDifferenceInATensor() throws Exception {
        GgufFile file = GgufReader.read(GgufBytes.small().write(directory.resolve("m.gguf")));
        Shape shape = new Shape(32);

        assertDifference(
                withTensors(file, file.tensors().subList(0, 1)), "number of tensors is 1, but 2 to ggml's own reader");
        assertDifference(
                withSecond(file, new TensorInfo("c.weight", GgmlType.Q8_0, shape, 32)),
                "name of tensor 1 is 'c.weight', but 'b.weight' to ggml's own reader");
        assertDifference(
                withSecond(file, new TensorInfo("b.weight", GgmlType.F16, shape, 32)),
                "tensor 'b.weight': type is 1, but 8 to ggml's own reader");
        assertDifference(
                withSecond(file, new TensorInfo("b.weight", GgmlType.Q8_0, new Shape(32, 2), 32)),
                "tensor 'b.weight': dimension 1 is 2, but 1 to ggml's own reader");
        assertDifference(
                withSecond(file, new TensorInfo("b.weight", GgmlType.Q8_0, shape, 64)),
                "tensor 'b.weight': offset is 64, but 32 to ggml's own reader");
    }

    @Test
    void saysWhenGgmlRefusesAFile() throws Exception {
        GgufFile file = GgufReader.read(GgufBytes.small().write(directory.resolve("m.gguf")));
        GgufBytes.small().magic("GGML").write(file.path());

        assertDifference(
                file,
                "ggml's own reader refuses the header: gguf_init_from_reader: invalid magic characters: 'GGML',"
                        + " expected 'GGUF'");
    }

    private static void assertDifference(GgufFile file, String message) {
        assertThatThrownBy(() -> NativeHeaderCheck.check(file))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageStartingWith(file.path() + ": " + message);
    }

    private static GgufFile withMetadata(GgufFile file, Metadata metadata) {
        return new GgufFile(file.path(), 3, 32, metadata, file.tensors(), file.dataOffset(), file.fileBytes());
    }

    private static GgufFile withTensors(GgufFile file, List<TensorInfo> tensors) {
        return new GgufFile(file.path(), 3, 32, file.metadata(), tensors, file.dataOffset(), file.fileBytes());
    }

    private static GgufFile withSecond(GgufFile file, TensorInfo second) {
        List<TensorInfo> tensors = new ArrayList<>(file.tensors());
        tensors.set(1, second);
        return withTensors(file, tensors);
    }
}
