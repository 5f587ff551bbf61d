package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real signals to real processes. */
@EnabledOnOs(OS.LINUX)
class InterruptionTest {

    @TempDir
    Path directory;

    @Test
    void ctrlCWaitsForTheCleanUpAndExitsWith130() throws Exception {
        assertSignalledProcessCleansUp("INT", 130);
    }

    @Test
    void terminationWaitsForTheCleanUpAndExitsWith143() throws Exception {
        assertSignalledProcessCleansUp("TERM", 143);
    }

    private void assertSignalledProcessCleansUp(String signal, int exitCode) throws Exception {
        Path temporary = directory.resolve("temporary");
        // A JVM that inherits an ignored SIGINT, as background jobs of scripts do, would never see it.
        List<String> command = List.of(
                "env",
                "--default-signal=INT,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                InterruptionProbe.class.getName(),
                temporary.toString());
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            while (process.isAlive() && Files.notExists(temporary)) {
                Thread.sleep(10);
            }
            assertThat(process.isAlive()).isTrue();

            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(exitCode);
            try (Stream<Path> left = Files.list(directory)) {
                assertThat(left).isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
