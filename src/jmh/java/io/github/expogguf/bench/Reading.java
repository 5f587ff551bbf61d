package io.github.expogguf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How many bytes the command reads from the disk while it has less memory than the files: beside the sizes of both
 * models and of the output, which is read back. Linux; the limit is a control group's, which needs the rights for it.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [limit in MB]}. With a limit of 0 there is none: then the
 * files have to be larger than the machine's memory.
 */
public final class Reading {

    private static final String GROUP =
            "expo-gguf-bench-" + ProcessHandle.current().pid();

    private Reading() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 800;
        String fileType = arguments.length > 1 ? arguments[1] : "Q4_K_M";
        long limit = 1_000_000 * (arguments.length > 2 ? Long.parseLong(arguments[2]) : 400);
        Path directory = Files.createTempDirectory("expo-bench");
        Optional<Path> group = limit == 0 ? Optional.empty() : Optional.of(limitedGroup(limit));
        try {
            RandomPair pair = new RandomPair(millions * 1_000_000);
            int threads = Runtime.getRuntime().availableProcessors();
            Machine.print(pair, threads);
            List<Path> models = List.of(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
            pair.write(models.get(0), models.get(1));
            for (Path model : models) {
                Disk.dropFromMemory(model);
            }
            Path output = directory.resolve("output.gguf");
            long before = Disk.bytesRead();
            MeasuredProcess run = MeasuredProcess.run(limited(group, command(models, output, fileType)));
            long read = Disk.bytesRead() - before;
            print(limit, Files.size(models.get(0)) + Files.size(models.get(1)), Files.size(output), read, run);
        } finally {
            Disk.deleteAll(directory);
            if (group.isPresent()) {
                Files.delete(group.get());
            }
        }
    }

    private static List<String> command(List<Path> models, Path output, String fileType) {
        return List.of(
                MeasuredProcess.java(),
                "-jar",
                "target/expo-gguf.jar",
                "extrapolate",
                "--sft",
                models.get(0).toString(),
                "--aligned",
                models.get(1).toString(),
                "--alpha",
                "0.3",
                "--type",
                fileType,
                "--quiet",
                "-o",
                output.toString());
    }

    private static void print(long limit, long inputs, long output, long read, MeasuredProcess run) {
        System.out.printf(
                Locale.ROOT,
                "limit     %s for the command and what it reads%n",
                limit == 0 ? "none" : limit / 1_000_000 + " MB");
        System.out.printf(Locale.ROOT, "inputs    %,d bytes; output %,d bytes, read back%n", inputs, output);
        System.out.printf(
                Locale.ROOT,
                "from disk %,d bytes: %.3f of both, %.3f of the inputs; %.1f s, peak anonymous memory %d MB%n",
                read,
                (double) read / (inputs + output),
                (double) read / inputs,
                run.seconds(),
                run.peakAnonymousBytes() / 1_000_000);
    }

    private static Path limitedGroup(long bytes) throws IOException {
        Path first = Path.of("/sys/fs/cgroup/memory"); // of control groups, version 1
        Path root = Files.isDirectory(first) ? first : Path.of("/sys/fs/cgroup");
        String file = root.equals(first) ? "memory.limit_in_bytes" : "memory.max";
        try {
            Path group = Files.createDirectory(root.resolve(GROUP));
            Files.writeString(group.resolve(file), Long.toString(bytes));
            return group;
        } catch (IOException e) {
            throw new IOException(
                    "cannot limit memory below " + root + " (" + e.getMessage()
                            + "): run it as root, or with a limit of 0 and files larger than the memory",
                    e);
        }
    }

    private static List<String> limited(Optional<Path> group, List<String> command) {
        if (group.isEmpty()) {
            return command;
        }
        List<String> limited = new ArrayList<>(List.of(
                "sh",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                group.get().resolve("cgroup.procs").toString()));
        limited.addAll(command);
        return limited;
    }
}
