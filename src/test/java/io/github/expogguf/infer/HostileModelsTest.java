package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models with one thing wrong that the guards let pass are refused or work: no JVM that loads them dies. One in 200 of
 * some 20,000; {@code -Dexpo.gguf.test.hostile.step=1} takes all, in an hour.
 */
@Tag("trust")
final class HostileModelsTest {

    private static final int STEP = Integer.getInteger("expo.gguf.test.hostile.step", 200);

    @TempDir
    private Path directory;

    @Test
    void noModelEndsTheJvm() throws IOException, InterruptedException {
        int models = 0;
        for (String base : List.of("llama", "mixtral", "qwen2", "qwen3")) {
            Path output = directory.resolve(base);
            int exitCode = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            HostileModelProbe.class.getName(),
                            base,
                            directory.toString(),
                            "0",
                            Integer.toString(STEP))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            List<String> lines = Files.readAllLines(output);
            List<String> tried =
                    lines.stream().filter(line -> line.startsWith("@")).toList();
            assertThat(exitCode)
                    .as(() -> base + " died of " + tried.getLast() + "\n" + lines.getLast())
                    .isZero();
            assertThat(lines.getLast()).startsWith("end ").doesNotContain(" 0 loaded", " 0 refused", " 0 never");
            models += tried.size();
        }
        TrustFigures.print(
                "models with one thing wrong, given to the guards and then to llama.cpp", models + " models, no crash");
    }
}
