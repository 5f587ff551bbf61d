package io.github.expogguf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How many bytes the command reads from the disk while it has less memory than the files, when it extrapolates and when
 * it verifies: beside the sizes of both models and of the output. Linux; the limit is a control group's, which needs
 * the rights for it.
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
            RandomPair random = new RandomPair(millions * 1_000_000);
            int threads = Runtime.getRuntime().availableProcessors();
            Machine.print(random, threads);
            List<Path> models = List.of(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
            random.write(models.get(0), models.get(1));
            for (Path model : models) {
                Disk.dropFromMemory(model);
            }
            Path output = directory.resolve("output.gguf");
            List<String> pair = List.of(
                    "--sft",
                    models.get(0).toString(),
                    "--aligned",
                    models.get(1).toString());
            System.out.printf(
                    Locale.ROOT,
                    "limit     %s for the command and what it reads%n",
                    limit == 0 ? "none" : limit / 1_000_000 + " MB");
            long inputs = Files.size(models.get(0)) + Files.size(models.get(1));
            Run run = run(
                    group,
                    pair,
                    List.of("extrapolate", "--alpha", "0.3", "--type", fileType, "--quiet", "-o", output.toString()));
            long written = Files.size(output);
            System.out.printf(Locale.ROOT, "inputs    %,d bytes; output %,d bytes%n", inputs, written);
            print("extrapolate, which reads the output back", run, inputs, inputs + written);
            for (Path file : List.of(models.get(0), models.get(1), output)) {
                Disk.dropFromMemory(file);
            }
            run = run(group, pair, List.of("verify", output.toString(), "--quiet"));
            print("verify, which reads the output twice", run, inputs, inputs + 2 * written);
        } finally {
            Disk.deleteAll(directory);
            if (group.isPresent()) {
                Files.delete(group.get());
            }
        }
    }

    /** @param read bytes from the disk */
    private record Run(MeasuredProcess process, long read) {}

    private static Run run(Optional<Path> group, List<String> pair, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MeasuredProcess.java(), "-jar", "target/expo-gguf.jar"));
        command.addAll(arguments);
        command.addAll(pair);
        long before = Disk.bytesRead();
        MeasuredProcess process = MeasuredProcess.run(limited(group, command));
        return new Run(process, Disk.bytesRead() - before);
    }

    private static void print(String name, Run run, long inputs, long once) {
        System.out.printf(
                Locale.ROOT,
                "%s:%n          %,d bytes from the disk, %.3f of all this, %.3f of the inputs; %.1f s,"
                        + " peak anonymous memory %d MB%n",
                name,
                run.read,
                (double) run.read / once,
                (double) run.read / inputs,
                run.process.seconds(),
                run.process.peakAnonymousBytes() / 1_000_000);
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
