package io.github.expogguf.bench;

import io.github.expogguf.nativelib.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs the command on a generated pair, and {@code llama_model_quantize} on one of the two, in turn, each in a process of its
 * own, and prints the ratio. The command's time is all of it, from the start of the first JVM: both inputs read, extrapolated,
 * quantized, hashed, written, flushed, read back. The baseline's time is that of the native call alone.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [rounds] [threads]}. The files go to the directory in the system
 * property {@code java.io.tmpdir} and are removed.
 */
public final class EndToEnd {

    private final Path jar;
    private final Path sft;
    private final Path aligned;
    private final Path output;
    private final String fileType;
    private final int threads;

    private record Measured(double seconds, long peakAnonymousBytes) {}

    private EndToEnd(Path jar, Path directory, String fileType, int threads) {
        this.jar = jar;
        this.sft = directory.resolve("sft.gguf");
        this.aligned = directory.resolve("aligned.gguf");
        this.output = directory.resolve("output.gguf");
        this.fileType = fileType;
        this.threads = threads;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 400;
        String fileType = arguments.length > 1 ? arguments[1] : "Q4_K_M";
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : Runtime.getRuntime().availableProcessors();
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            new EndToEnd(Path.of("target/expo-gguf.jar"), directory, fileType, threads).run(millions * 1_000_000, rounds);
        } finally {
            deleteAll(directory);
        }
    }

    private void run(long parameters, int rounds) throws Exception {
        RandomPair pair = new RandomPair(parameters);
        System.out.printf(Locale.ROOT, "machine   %s, %d cores, %s, Java %s%n", processor(),
                Runtime.getRuntime().availableProcessors(), System.getProperty("os.name"),
                System.getProperty("java.version"));
        System.out.printf(Locale.ROOT, "pair      %,d weights, F16, %,d bytes each, to %s on %d threads, ggml %s%n",
                pair.elementCount(), pair.fileBytes(), fileType, threads, NativeLibrary.load().ggmlVersion());
        pair.write(sft, aligned);
        List<Measured> ours = new ArrayList<>();
        List<Measured> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            ours.add(extrapolate());
            theirs.add(llamaQuantize());
            System.out.printf(Locale.ROOT, "round %d   expo-gguf %.2f s   llama_model_quantize %.2f s%n", round,
                    ours.getLast().seconds, theirs.getLast().seconds);
        }
        report("expo-gguf, whole command, two models", ours);
        report("llama_model_quantize, the call, one model", theirs);
        double[] ratios = new double[rounds];
        Arrays.setAll(ratios, i -> ours.get(i).seconds / theirs.get(i).seconds);
        Arrays.sort(ratios);
        System.out.printf(Locale.ROOT, "time ratio to llama_model_quantize: median %.3f (from %.3f to %.3f)%n",
                ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
    }

    private static void report(String name, List<Measured> runs) {
        double[] seconds = runs.stream().mapToDouble(Measured::seconds).sorted().toArray();
        long peak = runs.stream().mapToLong(Measured::peakAnonymousBytes).max().orElse(0);
        System.out.printf(Locale.ROOT, "%-42s median %6.2f s (from %.2f to %.2f), peak anonymous memory %d MB%n", name,
                seconds[seconds.length / 2], seconds[0], seconds[seconds.length - 1], peak / 1_000_000);
    }

    private Measured extrapolate() throws Exception {
        List<String> command = List.of(java(), "-jar", jar.toString(), "extrapolate", "--sft", sft.toString(), "--aligned",
                aligned.toString(), "--alpha", "0.3", "--type", fileType, "-t", Integer.toString(threads), "--force",
                "--quiet", "-o", output.toString());
        long start = System.nanoTime();
        Finished finished = Finished.run(command);
        return new Measured((System.nanoTime() - start) / 1e9, finished.peakAnonymousBytes());
    }

    private Measured llamaQuantize() throws Exception {
        List<String> command = List.of(java(), "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), LlamaQuantize.class.getName(), aligned.toString(),
                output.toString(), fileType, Integer.toString(threads));
        Finished finished = Finished.run(command);
        return new Measured(Long.parseLong(finished.output().strip()) / 1e9, finished.peakAnonymousBytes());
    }

    private record Finished(String output, long peakAnonymousBytes) {

        /** Runs a command to its end, watching the anonymous memory of it and of what it starts. */
        static Finished run(List<String> command) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            long peak = 0;
            while (process.isAlive()) {
                peak = Math.max(peak, Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .mapToLong(Finished::anonymousBytes)
                        .sum());
                Thread.sleep(20);
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IOException(command + " ended with " + process.exitValue());
            }
            return new Finished(output, peak);
        }

        /** RssAnon of Linux; 0 where there is no such file. */
        private static long anonymousBytes(ProcessHandle process) {
            try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                return lines.filter(line -> line.startsWith("RssAnon:"))
                        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
            } catch (IOException | java.io.UncheckedIOException e) {
                return 0; // it has just ended
            }
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String processor() throws IOException {
        Path information = Path.of("/proc/cpuinfo");
        if (!Files.exists(information)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(information)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
