package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.ComputeDevice;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where there is no GPU, or not the one that is asked for; VulkanTest is about one that is there. */
class GpuFlagsTest {

    private static final Path SFT = DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf");

    @TempDir
    private Path directory;

    private Path prompts;

    @BeforeEach
    void writePrompts() throws IOException {
        prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Which city rules Chile?\"}\n");
    }

    private Ran run(String command, Object... more) {
        Path output = directory.resolve("answers.jsonl");
        List<Object> asking = switch (command) {
            case "generate" -> List.of("-m", SFT, "--prompts", prompts, "-o", output);
            case "eval" -> List.of("-m", SFT, "--prompts", prompts);
            case "search" ->
                List.of("--sft", SFT, "--aligned", ALIGNED, "--prompts", prompts, "--judge", "cat", "--alphas", "0,1");
            default -> List.of(SFT);
        };
        return Ran.run(Stream.of(Stream.of(command), asking.stream(), Stream.of(more))
                .flatMap(each -> each)
                .toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "generate", "eval", "search"})
    void aDeviceThatIsNotThereIsAnErrorThatNamesThoseThatAre(String command) {
        Ran ran = run(command, "--device", "Nowhere7");
        assertThat(ran.exitCode()).isEqualTo(ExitCode.NATIVE.code());
        assertThat(ran.err()).contains("there is no GPU of the name 'Nowhere7': the ");
        for (ComputeDevice device : NativeLibrary.load().devices()) {
            assertThat(ran.err()).contains(device.name() + " (" + device.description() + ")");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "all"})
    void layersOnAGpuNeedOne(String layers) {
        assumeTrue(NativeLibrary.load().devices().stream().noneMatch(ComputeDevice::isGpu), "there is a GPU");
        Ran ran = run("generate", "-ngl", layers);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.NATIVE.code());
        assertThat(ran.err())
                .contains("there is no GPU to keep layers on: the devices are CPU (")
                .contains(", the backends cpu: loaded. A GPU needs its driver");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "0"})
    void withoutAGpuTheProcessorServes(String layers) {
        Ran ran = run("generate", "--gpu-layers", layers, "--device", "none", "-n", "2");
        assertThat(ran.err()).doesNotContain("GPU");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void layersOnNoDeviceAreAWrongOption() {
        Ran ran = run("eval", "-ngl", "3", "-dev", "none");
        assertThat(ran.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(ran.err()).contains("--gpu-layers, --device: layers on a GPU, and no device for them");
        assertThat(run("eval", "-dev", "none,Vulkan0").err())
                .contains("no device, and [none, Vulkan0] at the same time");
        assertThat(run("eval", "-ngl", "-3").err()).contains("'-3' is not a number of layers, all or auto");
    }
}
