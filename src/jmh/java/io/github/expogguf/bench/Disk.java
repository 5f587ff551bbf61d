package io.github.expogguf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What came from the disk, and what is on it for the time of a benchmark. Linux, but for the last. */
final class Disk {

    private Disk() {}

    /** Bytes that this process and all that have ended below it had from the disk. */
    static long bytesRead() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/io"))) {
            return lines.filter(line -> line.startsWith("read_bytes: "))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
    }

    /** Since what was just written is still there. */
    static void dropFromMemory(Path file) throws IOException, InterruptedException {
        MeasuredProcess.run(
                List.of("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"));
    }

    /** Removes a directory of files. */
    static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
