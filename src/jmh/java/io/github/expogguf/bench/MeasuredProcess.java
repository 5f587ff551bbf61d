package io.github.expogguf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A command that has run to its end.
 *
 * @param output             what it printed to stdout
 * @param seconds            wall time, from before its start
 * @param processorSeconds   of all cores, of it and of what it started and waited for; 0 where there is no /proc
 * @param peakAnonymousBytes most anonymous memory of it and of what it started, looked at every 20 ms; 0 where there is
 *                           no /proc
 */
record MeasuredProcess(String output, double seconds, double processorSeconds, long peakAnonymousBytes) {

    /** Clock ticks of a second in /proc, on every Linux that is in use. */
    private static final double TICKS = 100;

    /** Runs a command; its stderr is dropped. */
    static MeasuredProcess run(List<String> command) throws IOException, InterruptedException {
        double processorBefore = childrenSeconds();
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        CompletableFuture<byte[]> output = CompletableFuture.supplyAsync(() -> bytes(process));
        long peak = 0;
        while (process.isAlive()) {
            peak = Math.max(
                    peak,
                    Stream.concat(Stream.of(process.toHandle()), process.descendants())
                            .mapToLong(MeasuredProcess::anonymousBytes)
                            .sum());
            Thread.sleep(20);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (process.exitValue() != 0) {
            throw new IOException(command + " ended with " + process.exitValue());
        }
        return new MeasuredProcess(
                new String(output.join(), StandardCharsets.UTF_8), seconds, childrenSeconds() - processorBefore, peak);
    }

    private static byte[] bytes(Process process) {
        try {
            return process.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all children that have ended, cutime and cstime of proc(5). */
    private static double childrenSeconds() throws IOException {
        Path statistics = Path.of("/proc/self/stat");
        if (!Files.exists(statistics)) {
            return 0;
        }
        String text = Files.readString(statistics);
        String[] afterName = text.substring(text.lastIndexOf(')') + 2).split(" "); // from the third value on
        return (Long.parseLong(afterName[13]) + Long.parseLong(afterName[14])) / TICKS;
    }

    /** The java that runs this. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** RssAnon of Linux. */
    private static long anonymousBytes(ProcessHandle process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // it has just ended
        }
    }
}
