package io.github.expogguf.bench;

import io.github.expogguf.cli.estimate.Costs;
import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.launch.ComputingOptions;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Measures what the parts of a run take one core of this machine, as {@link Costs} have it, and prints that: what
 * {@code plan} estimates with is this, of the machine that it names. Processor time, so that other work on the machine
 * counts little. Each type has a JVM of its own, with the options of the command. Arguments: types, else all.
 */
public final class Calibration {

    private static final String ONE = "--one";
    private static final String PARTS = "--parts";
    private static final int ROW_LENGTH = 4096;
    private static final int ROWS = 16;
    private static final int ELEMENTS = ROW_LENGTH * ROWS;
    private static final long WARM_NANOS = 3_000_000_000L;
    private static final long MEASURED_NANOS = 400_000_000L;
    private static final int FILE_BYTES = 512 << 20; // more than a processor's caches
    private static final int BLOCK_BYTES = 1 << 19;
    private static final int PART_BYTES = 32 << 10;
    private static final int CHUNK_BYTES = 1 << 17;
    private static final int ROUNDS = 3;
    private static final long SMALL = 100_000_000;
    private static final long LARGE = 400_000_000;

    /** Their plain loops are translated at once, and SIMD code follows only after billions of weights. */
    private static final Set<GgmlType> PLAIN = Set.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);

    private Calibration() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2 && arguments[0].equals(ONE)) {
            GgmlType type = GgmlType.parse(arguments[1]);
            System.out.println(ofType(type).line(type));
        } else if (arguments.length == 1 && arguments[0].equals(PARTS)) {
            printParts();
        } else {
            lines(Stream.of(arguments).map(GgmlType::parse).toList()).forEach(System.out::println);
        }
    }

    /**
     * The costs of this machine, as {@link Costs#parse} reads them.
     *
     * @param types none for all; F16 is always among them
     */
    static List<String> lines(List<GgmlType> types) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of("processor " + Machine.processor()));
        lines.addAll(inOwnJvm(PARTS));
        for (GgmlType type : GgmlType.values()) {
            if (WeightTypes.isSupported(type) && (types.isEmpty() || types.contains(type) || type == GgmlType.F16)) {
                lines.addAll(inOwnJvm(ONE, type.name()));
            }
        }
        lines.addAll(1, rest(Costs.parse(lines)));
        return lines;
    }

    private static List<String> inOwnJvm(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(MeasuredProcess.java()));
        command.addAll(ComputingOptions.get());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Calibration.class.getName()));
        command.addAll(List.of(arguments));
        return MeasuredProcess.run(command).output().lines().toList();
    }

    /**
     * What a whole command takes that is none of the other parts: once, and for each weight. From two pairs of F16 that
     * become F16, of which the least of some rounds counts.
     *
     * @param known the other parts
     */
    private static List<String> rest(Costs known) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            RandomPair small = new RandomPair(SMALL);
            RandomPair large = new RandomPair(LARGE);
            double smallSeconds = processorSeconds(small, directory);
            double largeSeconds = processorSeconds(large, directory);
            double perWeight = (largeSeconds - smallSeconds) / (large.elementCount() - small.elementCount());
            Costs.Type halves = Objects.requireNonNull(known.types().get(GgmlType.F16));
            double others = 2 * Short.BYTES * (known.read() + known.digest())
                    + Short.BYTES * (known.write() + known.verify())
                    + 3 * halves.dequantize()
                    + halves.quantize();
            return List.of(
                    line("start", smallSeconds - perWeight * small.elementCount()),
                    line("extrapolate", 1e9 * perWeight - others));
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private static double processorSeconds(RandomPair pair, Path directory) throws IOException, InterruptedException {
        Path sft = directory.resolve("sft.gguf");
        Path aligned = directory.resolve("aligned.gguf");
        pair.write(sft, aligned);
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            int threads = Runtime.getRuntime().availableProcessors();
            List<String> command = RunModel.extrapolate(sft, aligned, "F16", threads, directory.resolve("output.gguf"));
            least = Math.min(least, MeasuredProcess.run(command).processorSeconds());
        }
        return least;
    }

    private static String line(String name, double value) {
        return String.format(Locale.ROOT, "%s %.3f", name, value);
    }

    private interface Turn {
        void run() throws IOException;
    }

    /** Median of the nanoseconds of this thread, when it has been done for a while. */
    private static double nanos(long warmNanos, Turn turn) throws IOException {
        for (long end = processorNanos() + warmNanos; processorNanos() < end; ) {
            turn.run();
        }
        List<Long> nanos = new ArrayList<>();
        for (long end = processorNanos() + MEASURED_NANOS; processorNanos() < end; ) {
            long start = processorNanos();
            turn.run();
            nanos.add(processorNanos() - start);
        }
        return nanos.stream().sorted().toList().get(nanos.size() / 2);
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static Costs.Type ofType(GgmlType type) throws IOException {
        RowCodec codec = RowCodecs.of(type);
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(1);
            MemorySegment floats = arena.allocate((long) ELEMENTS * Float.BYTES, 64);
            MemorySegment importance = arena.allocate((long) ROW_LENGTH * Float.BYTES, 64);
            for (int i = 0; i < ELEMENTS; i++) {
                floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
            }
            for (int i = 0; i < ROW_LENGTH; i++) {
                importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.exp(random.nextGaussian()));
            }
            MemorySegment packed = arena.allocate(type.rowBytes(ROW_LENGTH) * ROWS, 64);
            double first = 0;
            double quantize = 0;
            if (!WeightTypes.needsImportance(type)) {
                double before = translating();
                if (!PLAIN.contains(type)) {
                    codec.expect(Long.MAX_VALUE, false);
                }
                quantize =
                        nanos(WARM_NANOS, () -> codec.quantize(ROW_LENGTH, ROWS, floats, MemorySegment.NULL, packed));
                first = translating() - before;
            }
            double weighed = quantize;
            if (WeightTypes.readsImportance(type)) {
                double before = translating();
                codec.expect(Long.MAX_VALUE, true);
                weighed = nanos(WARM_NANOS, () -> codec.quantize(ROW_LENGTH, ROWS, floats, importance, packed));
                first = Math.max(first, translating() - before);
            }
            double dequantize = nanos(WARM_NANOS, () -> codec.dequantize(ROW_LENGTH, ROWS, packed, floats));
            return new Costs.Type(
                    dequantize / ELEMENTS,
                    (WeightTypes.needsImportance(type) ? weighed : quantize) / ELEMENTS,
                    weighed / ELEMENTS,
                    PLAIN.contains(type) ? 0 : first);
        }
    }

    /** Seconds of all threads but this one, which are those of the JIT compiler and of the exercise for it. */
    private static double translating() {
        long process = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
        return (process - processorNanos()) / 1e9;
    }

    private static void printParts() throws IOException {
        Path directory = Files.createTempDirectory("expo-bench");
        try (Arena arena = Arena.ofConfined()) {
            Path path = directory.resolve("part.gguf");
            byte[] part = new byte[PART_BYTES];
            new Random(1).nextBytes(part);
            MessageDigest digest = Sha256.newDigest();
            MemorySegment block = arena.allocate(BLOCK_BYTES, 64);
            MemorySegment chunk = arena.allocate(CHUNK_BYTES, 64);
            try (FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                print("write", nanos(0, () -> {
                    channel.truncate(0);
                    for (long at = 0; at < FILE_BYTES; at += CHUNK_BYTES) {
                        Crc32c.of(chunk);
                        channel.write(chunk.asByteBuffer(), at);
                    }
                    channel.force(false);
                }));
                print("verify", nanos(MEASURED_NANOS, () -> {
                    for (long at = 0; at < FILE_BYTES; at += CHUNK_BYTES) {
                        channel.read(chunk.asByteBuffer(), at);
                        Crc32c.of(chunk);
                    }
                }));
                double read = nanos(MEASURED_NANOS, () -> readAll(channel, block, _ -> {}));
                print("read", read);
                double digested = nanos(
                        MEASURED_NANOS,
                        () -> readAll(channel, block, at -> {
                            MemorySegment.copy(block, ValueLayout.JAVA_BYTE, at, part, 0, PART_BYTES);
                            digest.update(part);
                        }));
                print("digest", digested - read);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private static void print(String name, double nanos) {
        System.out.println(line(name, nanos / FILE_BYTES));
    }

    /** As the thread does that reads ahead. */
    private static void readAll(FileChannel channel, MemorySegment block, LongConsumer parts) throws IOException {
        for (long at = 0; at < FILE_BYTES; at += BLOCK_BYTES) {
            channel.read(block.asByteBuffer(), at);
            for (long part = 0; part < BLOCK_BYTES; part += PART_BYTES) {
                parts.accept(part);
            }
        }
    }
}
