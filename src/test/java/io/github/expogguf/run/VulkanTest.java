package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.cli.Main;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a GPU computes is what the processor computes, nearly: with the artifact for Vulkan on the class path, on a GPU,
 * or on Mesa's lavapipe, which is a GPU in software. {@code make test-vulkan} fetches the backend and runs this.
 */
@EnabledIfSystemProperty(named = VulkanTest.LIBRARIES, matches = ".+")
class VulkanTest {

    static final String LIBRARIES = "expo.gguf.test.vulkan";

    /** GPUs add up in F16 and in another order than the processor does. */
    private static final double LARGEST_DIFFERENCE = 0.01;

    private static final Pattern COMPARED =
            Pattern.compile("compared (.*) \\| (\\d+) of (\\d+) \\| ([\\d.]+) of ([\\d.]+)");

    @TempDir
    private static Path directory;

    private static Path backend;
    private static Map<String, String> environment;

    @BeforeAll
    static void makeTheArtifact() throws IOException, InterruptedException, URISyntaxException {
        Path classes = Path.of(LlamaModel.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "native/artifacts/NativeJar.java",
                        "linux-x64-vulkan",
                        System.getProperty(LIBRARIES),
                        classes.toString(),
                        "2026-01-01T00:00:00Z",
                        directory.resolve("expo-gguf").toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        backend = directory.resolve("expo-gguf-natives-linux-x64-vulkan.jar");
        environment = Map.of("EXPO_GGUF_CACHE", directory.resolve("cache").toString());
        if (!hasGpu()) { // ggml leaves out what computes in software, unless it is asked for by number
            environment =
                    Map.of("EXPO_GGUF_CACHE", directory.resolve("cache").toString(), "GGML_VK_VISIBLE_DEVICES", "0");
        }
        String version = command("version").output();
        System.out.println(version.lines()
                .filter(line -> line.contains("ulkan"))
                .findFirst()
                .orElse(version));
        assumeTrue(hasGpu(), "no Vulkan device, not even lavapipe (Debian's mesa-vulkan-drivers): " + version);
    }

    private static boolean hasGpu() throws IOException, InterruptedException {
        return command("version").output().contains(" Vulkan0: ");
    }

    private static ChildJvm command(String... arguments) throws IOException, InterruptedException {
        return run(Main.class, arguments);
    }

    private static ChildJvm run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        String classPath = System.getProperty("java.class.path") + File.pathSeparator + backend;
        return ChildJvm.run(environment, List.of("-cp", classPath), main, arguments);
    }

    @Test
    void modelsAndLivePairsAnswerAsOnTheProcessor() throws IOException, InterruptedException {
        ChildJvm probe = run(VulkanProbe.class);
        System.out.println(probe.output());
        assertThat(probe.errors()).isEmpty();
        List<MatchResult> compared = COMPARED.matcher(probe.output()).results().toList();
        assertThat(compared).hasSize(11);
        for (MatchResult each : compared) {
            assertThat(each.group(2)).as(each.group()).isEqualTo(each.group(3));
            assertThat(Double.parseDouble(each.group(4)) / Double.parseDouble(each.group(5)))
                    .as(each.group())
                    .isLessThan(LARGEST_DIFFERENCE);
        }
        assertThat(compared.stream().map(each -> each.group(1) + each.group(4)).distinct())
                .as("the same weights again give the same numbers")
                .hasSize(8);
        assertThat(probe.output()).contains("offloaded 2/").containsPattern("offloaded (\\d+)/\\1 layers to GPU");
    }

    @Test
    void commandsDo() throws IOException, InterruptedException {
        Path prompts = directory.resolve("prompts.jsonl");
        Files.writeString(
                prompts, "{\"prompt\": \"Which city rules Chile?\"}\n{\"prompt\": \"Hi! What does a cat say?\"}\n");
        for (String device : List.of("none", "Vulkan0")) {
            ChildJvm generated = command(
                    "generate",
                    "--sft",
                    sft(),
                    "--aligned",
                    aligned(),
                    "-a",
                    "0.5",
                    "--type",
                    "Q8_0",
                    "--prompts",
                    prompts.toString(),
                    "-o",
                    directory.resolve(device).toString(),
                    "--temp",
                    "0",
                    "-n",
                    "24",
                    "--device",
                    device);
            assertThat(generated.exitCode()).as(generated.errors()).isZero();
            ChildJvm evaluated = command(
                    "eval",
                    "-m",
                    aligned(),
                    "--prompts",
                    prompts.toString(),
                    "-n",
                    "16",
                    "--temp",
                    "0",
                    "--device",
                    device);
            assertThat(evaluated.exitCode()).as(evaluated.errors()).isZero();
            Files.writeString(directory.resolve(device + ".eval"), evaluated.output());
        }
        assertThat(directory.resolve("Vulkan0")).hasSameTextualContentAs(directory.resolve("none"));
        assertThat(directory.resolve("Vulkan0.eval")).hasSameTextualContentAs(directory.resolve("none.eval"));
    }

    @Test
    void aSearchIsNotGoneOnWithElsewhere() throws IOException, InterruptedException {
        Path preference = directory.resolve("preference.jsonl");
        Files.writeString(
                preference,
                "{\"prompt\": \"Which city rules Chile?\", \"chosen\": \"Santiago.\", \"rejected\": \"Lima.\"}\n");
        String log = directory.resolve("log.jsonl").toString();
        ChildJvm there = search(preference, log, "Vulkan0");
        assertThat(there.exitCode()).as(there.errors()).isZero();
        ChildJvm here = search(preference, log, "none");
        assertThat(here.exitCode()).isEqualTo(2);
        assertThat(here.errors()).contains("is the log of another search: gpus was 'all layers on Vulkan0: ");
    }

    private static ChildJvm search(Path preferences, String log, String device)
            throws IOException, InterruptedException {
        return command(
                "search",
                "--sft",
                sft(),
                "--aligned",
                aligned(),
                "--preferences",
                preferences.toString(),
                "--alphas",
                "0,1",
                "--log",
                log,
                "--device",
                device);
    }

    @Test
    void aGpuThatIsNotThereIsNamedWithThoseThatAre() throws IOException, InterruptedException {
        ChildJvm chat = command("chat", aligned(), "-ngl", "all", "--device", "Vulkan9");
        assertThat(chat.exitCode()).isEqualTo(6);
        assertThat(chat.errors()).contains("there is no GPU of the name 'Vulkan9': the GPUs are Vulkan0 (");
    }

    private static String sft() {
        return DemoFiles.SFT.toString();
    }

    private static String aligned() {
        return DemoFiles.ALIGNED.toString();
    }
}
