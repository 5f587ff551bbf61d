package io.github.expogguf.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code make bench-peers} with scripts in the place of other programs; its sources run as they are. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs are POSIX shell scripts")
class PeersTest {

    private static final Path MODEL = Path.of("src/demo/guide-sft-f16.gguf").toAbsolutePath();

    @TempDir
    private Path directory;

    private Path script(String name, String body) throws IOException {
        Path script = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    private String compare(Path... peers) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED"));
        command.add("-Dexpo.gguf.bench.command=" + java + " --enable-native-access=ALL-UNNAMED -cp " + classes
                + " io.github.expogguf.cli.Main");
        command.addAll(List.of("-cp", classes, "src/jmh/java/io/github/expogguf/bench/Peers.java"));
        command.addAll(List.of(MODEL.toString(), "F16", "1", "1"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put(
                        "PEERS",
                        String.join(
                                " ", List.of(peers).stream().map(Path::toString).toList()));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void saysOfEachWhetherItsTensorsAreEqual() throws Exception {
        Path copying = script("copying", "[ $# = 4 ] && cp \"$1\" \"$2\"");
        Path spoiling = script(
                "spoiling",
                "cp \"$1\" \"$2\" && printf X | dd of=\"$2\" bs=1 seek=" + (Files.size(MODEL) - 1)
                        + " conv=notrunc 2>/dev/null");
        Path failing = script("failing", "exit 3");

        String output = compare(copying, spoiling, failing);

        assertThat(output.lines().toList())
                .anyMatch(line -> line.endsWith("bytes to F16, 1 threads, 1 rounds"))
                .anyMatch(line -> line.matches("  median [0-9.]+ s .*, [0-9.]+ s of processor, .* MB"))
                .anyMatch(line -> line.contains("expo-gguf takes ")
                        && line.endsWith("all tensors are equal, only metadata differs"))
                .anyMatch(line -> line.matches(".*; 1 of [0-9]+ tensors differ, first .* \\(F\\d\\d, its F\\d\\d\\)"))
                .anyMatch(line -> line.matches("  failed: .*failing.* ended with 3"));
    }
}
