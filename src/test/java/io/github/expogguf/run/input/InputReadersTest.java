package io.github.expogguf.run.input;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.Workers;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models have more bytes than are in memory at once. */
@Timeout(120)
class InputReadersTest {

    private static final List<String> NAMES = List.of("one", "two", "three", "four");
    private static final Map<String, Shape> SHAPES = Map.of(
            "one", new Shape(1000, 2001),
            "two", new Shape(33),
            "three", new Shape(70_000, 17),
            "four", new Shape(512, 100, 30));

    @TempDir
    static Path directory;

    private static Path aligned;
    private static Path sameOrder;
    private static Path otherOrder;

    @BeforeAll
    static void write() throws IOException {
        aligned = write("aligned.gguf", NAMES, 1);
        sameOrder = write("same.gguf", NAMES, 2);
        otherOrder = write("other.gguf", List.of("two", "three", "one", "four"), 3);
    }

    private static Path write(String name, List<String> tensors, int seed) throws IOException {
        Random random = new Random(seed);
        List<TensorData> data = new ArrayList<>();
        for (String tensor : tensors) {
            Shape shape = SHAPES.get(tensor);
            byte[] bytes = new byte[Math.toIntExact(GgmlType.F16.rowBytes(shape.rowLength()) * shape.rowCount())];
            random.nextBytes(bytes);
            data.add(new TensorData(tensor, GgmlType.F16, shape, bytes));
        }
        Metadata metadata = new Metadata(Map.of("general.architecture", MetadataValue.ofString("test")));
        return GgufWriter.writeFile(directory.resolve(name), metadata, data);
    }

    /** Tasks that need the rows of both models. */
    private static List<TensorTask> tasks(SourceModel sft, SourceModel aligned) {
        Map<String, TensorInfo> byName = new HashMap<>();
        sft.header().tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
        return aligned.header().tensors().stream()
                .<TensorTask>map(
                        tensor -> new TensorTask.Extrapolate(byName.get(tensor.name()), tensor, 1, GgmlType.F16, false))
                .toList();
    }

    private static Ingredients<SourceModel> open(Path sft) throws IOException {
        return Ingredients.pair(GgufModel.open(sft), GgufModel.open(aligned));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void handOutWhatIsInTheFilesAndDigestIt(int threads) throws Exception {
        for (Path sft : List.of(sameOrder, otherOrder)) {
            Ingredients<SourceModel> models = open(sft);
            List<TensorTask> tasks = tasks(models.sft().orElseThrow(), models.aligned());
            AtomicLong bytes = new AtomicLong();
            try (InputReaders readers = InputReaders.start(models, List.of(tasks), threads)) {
                Chunks chunks = new Chunks(models.aligned().header().tensors());
                Workers.run(WorkOptions.defaults().withThreads(threads), "test", workers -> {
                    for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                        TensorTask.Extrapolate task = (TensorTask.Extrapolate) tasks.get(chunk.tensor());
                        bytes.addAndGet(check(readers, models, chunk, 0, task.aligned()));
                        bytes.addAndGet(check(readers, models, chunk, 1, task.sft()));
                        readers.done(chunk);
                    }
                });
                assertThat(readers.digests(new Cancellation()).inOrder())
                        .containsExactly(List.of(sha256(aligned)), List.of(sha256(sft)));
            }
            assertThat(bytes)
                    .hasValue(tasks.stream()
                            .mapToLong(task -> 2 * task.aligned().byteCount())
                            .sum());
            close(models);
        }
    }

    /** Compares the rows with what the model reads; returns how many bytes they have. */
    private static long check(
            InputReaders readers, Ingredients<SourceModel> models, Chunk chunk, int model, TensorInfo tensor)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long count = chunk.bytes(tensor.type());
            MemorySegment expected = arena.allocate(count);
            long offset = tensor.type().rowBytes(tensor.shape().rowLength()) * chunk.firstRow();
            models.inOrder().get(model).read(tensor, offset, expected);
            MemorySegment rows = readers.read(chunk, model, tensor, arena.allocate(count));
            assertThat(rows.byteSize()).isEqualTo(count);
            assertThat(rows.mismatch(expected)).isEqualTo(-1);
            return count;
        }
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void onlyWhatStandsInAnotherOrderIsReadApart() throws IOException {
        Ingredients<SourceModel> models = open(otherOrder);
        List<TensorTask> tasks = tasks(models.sft().orElseThrow(), models.aligned());
        assertThat(order(models, 0, tasks).apartBytes()).isZero();
        assertThat(order(models, 1, tasks).apartBytes())
                .isEqualTo(2 * 33 + 2 * 70_000 * 17); // the fewest bytes whose absence leaves the others in order
        close(models);
    }

    /** A tensor that two tasks read, as that of tied embeddings, cannot come twice in one pass. */
    @Test
    void aTensorThatIsNeededTwiceIsReadApartOnce() throws IOException {
        Ingredients<SourceModel> models = open(sameOrder);
        List<TensorTask> tasks = new ArrayList<>(tasks(models.sft().orElseThrow(), models.aligned()));
        TensorTask.Extrapolate first = (TensorTask.Extrapolate) tasks.getFirst();
        tasks.set(0, new TensorTask.Extrapolate(first.sft(), first.aligned(), 1, GgmlType.F16, false));
        tasks.add(first);
        assertThat(order(models, 1, tasks).apartBytes()).isEqualTo(first.sft().byteCount());
        close(models);
    }

    private static ReadOrder order(Ingredients<SourceModel> models, int number, List<TensorTask> tasks) {
        return new ReadOrder(
                new FileBlocks(models.inOrder().get(number)), number, List.of(tasks), 4L * FileBlocks.BYTES);
    }

    @Test
    void keepTheRowsOfAChunkUntilItIsDone() throws Exception {
        Ingredients<SourceModel> models = Ingredients.model(GgufModel.open(aligned));
        List<TensorTask> tasks = models.aligned().header().tensors().stream()
                .<TensorTask>map(tensor -> new TensorTask.Copy(tensor, "a test"))
                .toList();
        FileBlocks blocks = new FileBlocks(models.aligned());
        try (Arena arena = Arena.ofShared()) {
            MemorySegment slots = arena.allocate(3L * FileBlocks.BYTES, FileBlocks.BYTES);
            ReadOrder order = new ReadOrder(blocks, 0, List.of(tasks), 2L * FileBlocks.BYTES);
            ModelReader reader = new ModelReader(blocks, order, slots);
            Thread thread = Thread.ofPlatform().start(() -> runQuietly(reader));
            Chunks chunks = new Chunks(models.aligned().header().tensors());
            Chunk chunk = chunks.next();
            TensorInfo tensor = models.aligned().header().tensors().getFirst();
            MemorySegment rows = reader.rows(chunk, tensor, MemorySegment.NULL).orElseThrow();
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait(); // until it cannot go on
            }
            MemorySegment expected = arena.allocate(rows.byteSize());
            models.aligned().read(tensor, 0, expected);
            assertThat(rows.mismatch(expected)).isEqualTo(-1);
            assertThat(MemorySegment.mismatch(slots, 0, FileBlocks.BYTES, fileStart(), 0, FileBlocks.BYTES))
                    .isEqualTo(-1);
            reader.advance(Integer.MAX_VALUE); // all are done
            thread.join();
            assertThat(MemorySegment.mismatch(slots, 0, FileBlocks.BYTES, fileStart(), 0, FileBlocks.BYTES))
                    .isNotEqualTo(-1);
        }
        models.aligned().close();
    }

    private static MemorySegment fileStart() throws IOException {
        return MemorySegment.ofArray(Files.readAllBytes(aligned)).asSlice(0, FileBlocks.BYTES);
    }

    private static void runQuietly(ModelReader reader) {
        try {
            reader.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A worker that fails leaves others waiting for what is never going to be read. */
    @Test
    void nobodyWaitsAfterAFailure() throws IOException {
        Ingredients<SourceModel> models = open(sameOrder);
        List<TensorTask> tasks = tasks(models.sft().orElseThrow(), models.aligned());
        List<Chunk> all = new ArrayList<>();
        Chunks chunks = new Chunks(models.aligned().header().tensors());
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            all.add(chunk);
        }
        try (InputReaders readers = InputReaders.start(models, List.of(tasks), 2)) {
            readers.stop();
            Collections.reverse(all); // none is done, and the last ones are not in memory
            for (Chunk chunk : all) {
                TensorTask.Extrapolate task = (TensorTask.Extrapolate) tasks.get(chunk.tensor());
                check(readers, models, chunk, 0, task.aligned());
                check(readers, models, chunk, 1, task.sft());
            }
            assertThatThrownBy(() -> readers.digests(new Cancellation())).isInstanceOf(CancelledException.class);
        }
        close(models);
    }

    @Test
    void aFileThatHasBecomeShorterIsLeftToWhoNeedsItsBytes() throws Exception {
        Path file = Files.copy(aligned, directory.resolve("shorter.gguf"));
        Ingredients<SourceModel> models = Ingredients.model(GgufModel.open(file));
        GgufFile header = models.aligned().ggufFiles().getFirst();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(header.fileBytes() - 1);
        }
        List<TensorTask> tasks = models.aligned().header().tensors().stream()
                .<TensorTask>map(tensor -> new TensorTask.Copy(tensor, "a test"))
                .toList();
        try (InputReaders readers = InputReaders.start(models, List.of(tasks), 1);
                Arena arena = Arena.ofConfined()) {
            Chunks chunks = new Chunks(header.tensors());
            MemorySegment buffer = arena.allocate(FileBlocks.BYTES);
            assertThatThrownBy(() -> {
                        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                            readers.read(chunk, 0, chunk.aligned(), buffer).get(JAVA_BYTE, 0);
                            readers.done(chunk);
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the file ends at byte");
        }
        models.aligned().close();
    }

    private static void close(Ingredients<SourceModel> models) throws IOException {
        for (SourceModel model : models.inOrder()) {
            model.close();
        }
    }
}
