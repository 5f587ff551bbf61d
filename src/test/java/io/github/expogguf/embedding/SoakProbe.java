package io.github.expogguf.embedding;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.ObjectName;

/**
 * Main class: extrapolates over and over, several at a time, most of them cancelled somewhere between the first
 * progress and the last, and compares what the process holds afterwards with what it held before.
 */
final class SoakProbe {

    private static final int WARM_UP = 24;
    private static final int PARALLEL = 4;
    private static final int MOST_EVENTS = 150; // some runs come to their end before

    private final Path directory;
    private final Path sft;
    private final Path aligned;
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();

    private SoakProbe(Path directory) {
        TinyModel model = TinyModels.llama(TinyModels.Sizes.of(2, 256, 512, 4, 2));
        this.directory = directory;
        this.sft = model.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        this.aligned = model.write(directory.resolve("aligned.gguf"), TensorValues.random(2));
    }

    public static void main(String[] arguments) throws Exception {
        SoakProbe probe = new SoakProbe(Path.of(arguments[0]));
        int runs = Integer.parseInt(arguments[1]);
        probe.run(WARM_UP);
        Held before = Held.now();
        probe.cancelled.set(0);
        probe.run(runs);
        Held after = Held.now();
        System.err.println(before + " before");
        System.out.println("off-heap KiB " + after.offHeapKiB + ", resident KiB " + after.residentKiB);
        System.out.println("runs " + runs + ", cancelled " + probe.cancelled + ", same " + after.isNoMoreThan(before)
                + ", left " + probe.unfinished());
        System.exit(0);
    }

    private void run(int runs) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL)) {
            Future<?>[] all = new Future<?>[runs];
            for (int i = 0; i < runs; i++) {
                all[i] = threads.submit(this::extrapolate);
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private void extrapolate() {
        int run = number.incrementAndGet();
        Random random = new Random(run);
        Cancellation cancellation = new Cancellation();
        AtomicInteger events = new AtomicInteger(random.nextInt(MOST_EVENTS));
        boolean thrown = run % 5 == 0; // by the listener instead
        OutputOptions how = OutputOptions.defaults()
                .withThreads(1 + random.nextInt(3))
                .withForce(true)
                .withCancellation(cancellation)
                .withListener(progress -> {
                    if (events.decrementAndGet() == 0) {
                        if (thrown) {
                            throw new CancelledException("thrown by a listener");
                        }
                        cancellation.cancel();
                    }
                });
        FileType type = random.nextBoolean() ? FileType.Q8_0 : FileType.Q4_0;
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.write(
                    PlanOptions.builder()
                            .alpha(random.nextFloat())
                            .fileType(type)
                            .build(),
                    directory.resolve("output-" + run + ".gguf"),
                    how);
            Files.delete(directory.resolve("output-" + run + ".gguf"));
        } catch (CancelledException e) {
            cancelled.incrementAndGet();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long unfinished() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.equals(sft) && !file.equals(aligned))
                    .count();
        }
    }

    /**
     * What a process holds.
     *
     * @param offHeapKiB memory of arenas, as the JVM's native memory tracking counts it ("Other")
     */
    private record Held(long offHeapKiB, long files, long threads, long residentKiB) {

        /** The JVM's own buffers come and go by some KiB; a leaked worker of this size has more. */
        private static final long SLACK_KIB = 64;

        static Held now() throws Exception {
            Held last = measure();
            for (int i = 0; i < 50; i++) { // helper threads end a moment after the runs
                TimeUnit.MILLISECONDS.sleep(100);
                System.gc();
                Held next = measure();
                if (next.threads == last.threads && next.files == last.files && i > 10) {
                    return next;
                }
                last = next;
            }
            return last;
        }

        private static Held measure() throws Exception {
            String summary = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "vmNativeMemory",
                            new Object[] {new String[] {"summary", "scale=KB"}},
                            new String[] {String[].class.getName()});
            Matcher other = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB")
                    .matcher(summary);
            return new Held(
                    other.find() ? Long.parseLong(other.group(1)) : 0,
                    count(Path.of("/proc/self/fd")),
                    count(Path.of("/proc/self/task")),
                    resident());
        }

        private static long count(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.count();
            }
        }

        private static long resident() throws IOException {
            String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(text -> text.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D+", ""));
        }

        boolean isNoMoreThan(Held before) {
            return offHeapKiB <= before.offHeapKiB + SLACK_KIB && files <= before.files && threads <= before.threads;
        }
    }
}
