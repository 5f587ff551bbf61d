package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.recipe.Versions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionCommandTest {

    @Test
    void namesProgramLibrariesAndJava() {
        Ran ran = Ran.run("version");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().lines())
                .contains("expo-gguf      " + Versions.EXPO_GGUF)
                .anySatisfy(line -> assertThat(line)
                        .startsWith("libraries      llama.cpp "
                                + Versions.llamaCpp().substring(1)))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("java           " + Runtime.version().feature()));
        assertThat(Ran.run("--version").out()).isEqualTo(ran.out());
    }

    @Test
    void jsonSaysWhetherLibrariesAreLoaded() {
        JsonObject version = Ran.run("version", "--json").json();

        assertThat(version.get("schema").getAsString()).isEqualTo("expo-gguf/version/1");
        assertThat(version.getAsJsonObject("libraries").get("loaded").getAsBoolean())
                .isTrue();
        assertThat(version.getAsJsonObject("libraries").get("ggml").getAsString())
                .isEqualTo(NativeLibrary.load().ggmlVersion());
    }

    @Test
    void listsBackendsAndDevices() {
        assertThat(Ran.run("version").out().replaceAll("\\s+", " ")) // names of processors may be long
                .containsPattern(" backends cpu: loaded, (lib)?ggml-cpu.* devices ")
                .containsPattern(" devices CPU: .*, [0-9.]+ .B, [0-9.]+ .B free ");
        JsonObject version = Ran.run("version", "--json").json();
        JsonObject backend = version.getAsJsonArray("backends").get(0).getAsJsonObject();
        assertThat(backend.get("name").getAsString()).isEqualTo("cpu");
        assertThat(backend.get("loaded").getAsBoolean()).isTrue();
        assertThat(backend.get("reason").isJsonNull()).isTrue();
        JsonObject device = version.getAsJsonArray("devices").get(0).getAsJsonObject();
        assertThat(device.get("name").getAsString()).isEqualTo("CPU");
        assertThat(device.get("kind").getAsString()).isEqualTo("cpu");
        assertThat(device.get("totalBytes").getAsLong()).isPositive();
    }

    /** In a process of its own, because libraries stay loaded. */
    @Test
    void worksWithoutLibrariesAndSaysWhy(@TempDir Path empty) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "version",
                        "--json",
                        "--lib-path",
                        empty.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        JsonObject libraries = JsonParser.parseString(out).getAsJsonObject().getAsJsonObject("libraries");
        assertThat(libraries.get("loaded").getAsBoolean()).isFalse();
        assertThat(libraries.get("error").getAsString()).contains(empty.toString());
    }
}
