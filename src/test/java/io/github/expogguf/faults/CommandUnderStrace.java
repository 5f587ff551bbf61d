package io.github.expogguf.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs the command on {@code sft.gguf} and {@code aligned.gguf} of a directory, with or without a fault. */
final class CommandUnderStrace {

    private static final long PATIENCE_SECONDS = 120;
    private static final String OUTPUT = "out.gguf";

    private final String classPath;

    CommandUnderStrace(String classPath) {
        this.classPath = classPath;
    }

    /**
     * What came of a run.
     *
     * @param exitCode    137 if it was killed
     * @param errors      what it said on stderr
     * @param wasInjected whether the fault happened
     */
    record Ended(int exitCode, String errors, boolean wasInjected) {

        /** As a fault that is told about ends; 5 is a file that cannot be read or written, 3 and 7 are damage. */
        boolean endedInOneLine() {
            return exitCode == 0
                    || (List.of(3, 5, 7).contains(exitCode)
                            && errors.startsWith("expo-gguf: ")
                            && errors.lines().count() == 1);
        }
    }

    Ended run(Path directory, List<String> flags) throws IOException, InterruptedException {
        return run(directory, flags, List.of());
    }

    /** Lets one call of each thread fail: strace counts by thread. */
    Ended runWithFault(Path directory, List<String> flags, FaultSweep.Fault fault, int call)
            throws IOException, InterruptedException {
        String systemCalls = fault.injection().substring(0, fault.injection().indexOf(':'));
        List<String> strace = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                directory.resolve("trace").toString(),
                "-e",
                "trace=" + systemCalls,
                "-e",
                "inject=" + fault.injection() + ":when=" + call));
        for (Path file : files(directory, fault.files())) {
            strace.addAll(List.of("-P", file.toString()));
        }
        return run(directory, flags, strace);
    }

    private static List<Path> files(Path directory, FaultSweep.Target target) {
        return switch (target) {
            case INPUTS -> List.of(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
            case OUTPUTS ->
                List.of(
                        directory.resolve("." + OUTPUT + ".expo-partial"),
                        directory.resolve("." + OUTPUT + ".expo-journal"),
                        directory.resolve(OUTPUT),
                        directory);
        };
    }

    private Ended run(Path directory, List<String> flags, List<String> strace)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(strace);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                "io.github.expogguf.cli.Main",
                "extrapolate",
                "--sft",
                directory.resolve("sft.gguf").toString(),
                "--aligned",
                directory.resolve("aligned.gguf").toString(),
                "--alpha",
                "0.5",
                "--type",
                "Q8_0",
                "--threads",
                "1",
                "-o",
                directory.resolve(OUTPUT).toString()));
        command.addAll(flags);
        Path errors = directory.resolve("errors");
        Process process = new ProcessBuilder(command)
                .directory(directory.getParent().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile())
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return new Ended(-1, "hangs", true);
        }
        int exitCode = process.exitValue();
        Path trace = directory.resolve("trace");
        boolean injected = exitCode == 137
                || (Files.exists(trace)
                        && Files.readString(trace, StandardCharsets.ISO_8859_1).contains("(INJECTED)"));
        Files.deleteIfExists(trace);
        return new Ended(exitCode, Files.readString(errors), injected);
    }

    static void deleteTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
