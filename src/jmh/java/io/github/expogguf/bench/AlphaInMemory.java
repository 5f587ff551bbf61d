package io.github.expogguf.bench;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Another alpha for a model in memory, beside writing the file of that alpha and loading it, in turn, in one process
 * that is warm for both; and what the changes had from the disk. The files of the pair are not in memory when the model
 * is opened. Linux.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [rounds]}. The files go to the directory in the system
 * property {@code java.io.tmpdir} and are removed.
 */
public final class AlphaInMemory {

    private static final double MOST = 0.5;
    private static final float FIRST_ALPHA = 0.1f;

    private AlphaInMemory() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 400;
        FileType type = FileType.parse(arguments.length > 1 ? arguments[1] : "Q4_K_M");
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            RandomPair pair = new RandomPair(millions * 1_000_000, true);
            Machine.print(pair, WorkOptions.defaults().threads());
            Path sft = directory.resolve("sft.gguf");
            Path aligned = directory.resolve("aligned.gguf");
            pair.write(sft, aligned);
            Disk.dropFromMemory(sft);
            Disk.dropFromMemory(aligned);
            PlanOptions options =
                    PlanOptions.builder().alpha(FIRST_ALPHA).fileType(type).build();
            try (Extrapolator models = Extrapolator.open(sft, aligned)) {
                compare(models, options, directory.resolve("output.gguf"), rounds);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private static void compare(Extrapolator models, PlanOptions options, Path output, int rounds) throws IOException {
        long before = Disk.bytesRead();
        Clock clock = new Clock();
        try (LiveModel live = LiveModel.open(models, options, WorkOptions.defaults())) {
            System.out.printf(
                    Locale.ROOT,
                    "opened    %.2f s, %,d bytes from the disk, of %,d%n",
                    clock.taken().seconds,
                    Disk.bytesRead() - before,
                    models.inputBytes());
            List<Time> changes = new ArrayList<>();
            List<Time> files = new ArrayList<>();
            long repeated = 0;
            for (int round = 1; round <= rounds; round++) {
                float alpha = FIRST_ALPHA + 0.05f * round;
                before = Disk.bytesRead();
                clock = new Clock();
                live.setAlpha(alpha);
                changes.add(clock.taken());
                long read = Disk.bytesRead() - before;
                repeated += round == 1 ? 0 : read;
                clock = new Clock();
                models.write(
                        options.withAlpha(alpha),
                        output,
                        OutputOptions.defaults().withForce(true));
                Time written = clock.taken();
                LlamaModel.load(output, LoadOptions.defaults()).close();
                files.add(clock.taken());
                System.out.printf(
                        Locale.ROOT,
                        "round %-2d  %.2f s beside %.2f s, %.2f of them to write the file; %,d bytes from the disk%n",
                        round,
                        changes.getLast().seconds,
                        files.getLast().seconds,
                        written.seconds,
                        read);
            }
            System.out.printf(Locale.ROOT, "changes after the first had %,d bytes from the disk%n", repeated);
            report("alpha changed in memory", changes);
            report("the file written and loaded", files);
            ratio(changes, files);
        }
    }

    /** @param processor seconds of all cores together */
    private record Time(double seconds, double processor) {}

    /** Runs from when it is made. */
    private static final class Clock {

        private final long start = System.nanoTime();
        private final long processor = processorNanos();

        Time taken() {
            return new Time((System.nanoTime() - start) / 1e9, (processorNanos() - processor) / 1e9);
        }

        private static long processorNanos() {
            return ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .orElse(Duration.ZERO)
                    .toNanos();
        }
    }

    private static void report(String name, List<Time> times) {
        double[] seconds = times.stream().mapToDouble(Time::seconds).sorted().toArray();
        double[] processor =
                times.stream().mapToDouble(Time::processor).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%-28s median %6.2f s (from %.2f to %.2f), %.2f s of processor%n",
                name,
                seconds[seconds.length / 2],
                seconds[0],
                seconds[seconds.length - 1],
                processor[processor.length / 2]);
    }

    /** Round by round, so that a slow moment of the machine meets both. */
    private static void ratio(List<Time> changes, List<Time> files) {
        double[] ratios = new double[changes.size()];
        Arrays.setAll(ratios, i -> changes.get(i).seconds / files.get(i).seconds);
        double first = ratios[0];
        Arrays.sort(ratios);
        double median = ratios[ratios.length / 2];
        System.out.printf(
                Locale.ROOT,
                "ratio: median %.3f (from %.3f to %.3f), the first %.3f; %.1f is the target: %s%n",
                median,
                ratios[0],
                ratios[ratios.length - 1],
                first,
                MOST,
                median <= MOST ? "kept" : "missed");
    }
}
