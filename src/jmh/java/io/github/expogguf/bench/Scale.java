package io.github.expogguf.bench;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.input.InputReaders;
import io.github.expogguf.run.output.PlannedOutput;
import io.github.expogguf.run.output.RunKeys;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.run.output.UnfinishedOutput;
import io.github.expogguf.run.output.UnfinishedOutputs;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a run of a very large pair costs beside the weights: {@code plan}, and the bookkeeping of a run, which is the
 * headers, the order of reading, the journal with a slot for every chunk, going on after an interruption, and the sums
 * of all tensors. The pairs have the tensors and as many tokens and merges as Llama 3 of 70 and 405 billion weights;
 * the files are sparse, take no room on the disk, and all weights are 0. {@code plan} reads some rows of each tensor,
 * as of any pair; the bookkeeping reads and writes none.
 *
 * <p>Arguments: {@code [file type] [layers of a pair in the shape of 70B]...}; without layers 80, then 126 in that of
 * 405B.
 */
public final class Scale {

    static final LlamaShape B70 = new LlamaShape(80, 8192, 28_672, 64, 8, 128_256);
    private static final LlamaShape B405 = new LlamaShape(126, 16_384, 53_248, 128, 8, 128_256);
    private static final int MERGES = 280_147;
    private static final String BOOKKEEPING = "--bookkeeping";

    private Scale() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals(BOOKKEEPING)) {
            keepBooks(Path.of(arguments[1]), FileType.parse(arguments[2]));
            return;
        }
        String fileType = arguments.length > 0 ? arguments[0] : "Q4_K_M";
        List<LlamaShape> shapes = arguments.length > 1
                ? Stream.of(arguments)
                        .skip(1)
                        .map(layers -> B70.withLayers(Integer.parseInt(layers)))
                        .toList()
                : List.of(B70, B405);
        for (LlamaShape shape : shapes) {
            measure(shape, fileType);
        }
    }

    private static void measure(LlamaShape shape, String fileType) throws Exception {
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            GgufLayout layout = layout(shape);
            createSparse(directory.resolve("sft.gguf"), layout);
            createSparse(directory.resolve("aligned.gguf"), layout);
            System.out.printf(
                    Locale.ROOT,
                    "%n%,d weights in %d tensors, F16, %,d bytes each (header %,d)%n",
                    layout.tensors().stream()
                            .mapToLong(tensor -> tensor.shape().elementCount())
                            .sum(),
                    layout.tensors().size(),
                    layout.fileBytes(),
                    layout.dataOffset());
            MeasuredProcess plan = MeasuredProcess.run(List.of(
                    MeasuredProcess.java(),
                    "-jar",
                    "target/expo-gguf.jar",
                    "plan",
                    "--sft",
                    directory.resolve("sft.gguf").toString(),
                    "--aligned",
                    directory.resolve("aligned.gguf").toString(),
                    "--alpha",
                    "0.3",
                    "--type",
                    fileType,
                    "-o",
                    directory.resolve("output.gguf").toString()));
            System.out.printf(Locale.ROOT, "%-44s %12s %12s%n", "", "time", "processor");
            print("plan, whole command", plan.seconds(), plan.processorSeconds());
            printPeak(plan);
            MeasuredProcess books = MeasuredProcess.run(List.of(
                    MeasuredProcess.java(),
                    "-XX:+UseSerialGC",
                    "-Xms64m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Scale.class.getName(),
                    BOOKKEEPING,
                    directory.toString(),
                    fileType));
            System.out.print(books.output());
            print("all of the bookkeeping, with Java's start", books.seconds(), books.processorSeconds());
            printPeak(books);
        } finally {
            Disk.deleteAll(directory);
        }
    }

    static GgufLayout layout(LlamaShape shape) {
        List<TensorSpec> tensors = new ArrayList<>(shape.tensors());
        tensors.add(LlamaShape.matrix("output.weight", shape.embedding(), shape.vocabulary()));
        Map<String, MetadataValue> values =
                new LinkedHashMap<>(shape.metadata(true).asMap());
        values.put(
                "tokenizer.ggml.merges",
                MetadataValue.ofStrings(
                        IntStream.range(0, MERGES).mapToObj(i -> "wo rd" + i).toList()));
        return GgufLayout.of(new Metadata(values), tensors);
    }

    static void createSparse(Path path, GgufLayout layout) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer header = layout.header(arena).asByteBuffer();
            while (header.hasRemaining()) {
                channel.write(header, header.position());
            }
            channel.write(ByteBuffer.allocate(1), layout.fileBytes() - 1);
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T timed(String name, Step<T> step) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = System.nanoTime();
        long processorStart = threads.getCurrentThreadCpuTime();
        T result = step.run();
        print(name, (System.nanoTime() - start) / 1e9, (threads.getCurrentThreadCpuTime() - processorStart) / 1e9);
        return result;
    }

    private static void print(String name, double seconds, double processorSeconds) {
        System.out.printf(Locale.ROOT, "%-44s %10.2f s %10.2f s%n", name, seconds, processorSeconds);
    }

    private static void printPeak(MeasuredProcess process) {
        System.out.printf(
                Locale.ROOT,
                "%-44s %10d MB%n",
                "  its peak of anonymous memory",
                process.peakAnonymousBytes() / 1_000_000);
    }

    /** What a run does beside computing; with an interruption after the last chunk. */
    private static void keepBooks(Path directory, FileType fileType) throws IOException {
        Ingredients<Path> paths = Ingredients.pair(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
        try (OpenModels models = timed("headers of both read", () -> OpenModels.open(paths))) {
            Plan plan = timed(
                    "planned",
                    () -> models.plan(
                            PlanOptions.builder().alpha(0.3f).fileType(fileType).build()));
            Shards shards = timed(
                    "output laid out",
                    () -> Shards.single(
                            directory.resolve("output.gguf"),
                            plan.metadata(),
                            plan.tasks().stream().map(OpenModels::spec).toList()));
            PlannedOutput planned = new PlannedOutput(plan, shards);
            timed("order of reading", () -> InputReaders.apartBytes(models.ingredients(), List.of(plan.tasks()), 8));
            RunKeys keys = timed("keys of the run", () -> new RunKeys(models));
            writeAndStop(planned, keys);
            resume(planned, keys);
        }
    }

    private static UnfinishedOutputs outputs(PlannedOutput planned, RunKeys keys) throws IOException {
        OutputOptions how = OutputOptions.defaults().withUnfinished(Unfinished.RESUME);
        return new UnfinishedOutputs(SystemFiles.INSTANCE, List.of(planned), keys, how);
    }

    private static void writeAndStop(PlannedOutput planned, RunKeys keys) throws IOException {
        try (UnfinishedOutputs outputs = timed("places locked", () -> outputs(planned, keys))) {
            timed("journal and file begun", () -> {
                outputs.begin();
                return 0;
            });
            UnfinishedOutput output = outputs.get(0);
            Chunks chunks = new Chunks(planned.plan().aligned().tensors());
            int count = timed("chunks recorded", () -> {
                int recorded = 0;
                for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next(), recorded++) {
                    output.write(chunk, MemorySegment.NULL);
                }
                return recorded;
            });
            System.out.printf(Locale.ROOT, "  (%,d)%n", count);
            timed("sums of all tensors", output::tensorChecksums);
            outputs.keepAfter(new CancelledException("interrupted"));
        } catch (CancelledException e) { // as a run ends that is to go on later
            return;
        }
        throw new IOException("nothing was kept of the run");
    }

    private static void resume(PlannedOutput planned, RunKeys keys) throws IOException {
        try (UnfinishedOutputs outputs = timed("journal found and read", () -> outputs(planned, keys))) {
            outputs.begin();
            timed("header written and flushed", () -> {
                outputs.get(0).finish(planned.plan().metadata());
                return 0;
            });
            timed("header read back", () -> outputs.get(0).reopen());
        }
    }
}
