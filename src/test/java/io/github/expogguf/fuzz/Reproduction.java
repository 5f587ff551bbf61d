package io.github.expogguf.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs a target on one input in a JVM of its own, without a fuzzer: its instruments take time and memory themselves, so
 * what it takes for too much may be their doing.
 */
final class Reproduction {

    private static final int MAX_SECONDS = 100;

    private Reproduction() {}

    /** How the input breaks a promise; empty if it does not. */
    static Optional<String> of(FuzzTarget target, Path input) throws IOException, InterruptedException {
        File output = File.createTempFile("reproduction", ".txt");
        try {
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx768m",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Reproduction.class.getName(),
                            target.name(),
                            input.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
            if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return Optional.of("did not end in " + MAX_SECONDS + " s");
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of("exit code " + process.exitValue() + ": "
                            + Files.readString(output.toPath())
                                    .lines()
                                    .findFirst()
                                    .orElse(""));
        } finally {
            Files.delete(output.toPath());
        }
    }

    /** Arguments: the target and the file. */
    public static void main(String[] arguments) throws IOException {
        try {
            FuzzTarget.valueOf(arguments[0]).run(Files.readAllBytes(Path.of(arguments[1])));
        } catch (RuntimeException | Error broken) {
            System.out.println(broken);
            System.exit(1);
        }
    }
}
