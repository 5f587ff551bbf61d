package io.github.expogguf.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class DemoTest {

    /**
     * The expected means are PyTorch's in float32 (src/demo/README.md); llama.cpp computes with F16 weights and rounds
     * sums differently, which turns the answers to a few questions. One answer of 138 that loses what is worth most
     * (2.9) moves the mean by 0.021; three of them are tolerated. Measured: at most 0.004.
     */
    private static final double THREE_ANSWERS = 0.063;

    private static final List<String> heard = new ArrayList<>();
    private static DemoResult result;

    @BeforeAll
    static void run() throws Exception {
        result = Demo.run(
                DemoOptions.defaults(), (done, total, model) -> heard.add(done + "/" + total), new Cancellation());
    }

    private static DemoModel model(FileType type, int index) {
        return result.models(type).get(index);
    }

    @Test
    void reproducesTheRewardsThatPyTorchMeasured() {
        double[] expected = {1.783, 2.214, 2.472, 2.635};
        for (int i = 0; i < expected.length; i++) {
            assertThat(model(FileType.F16, i).meanReward())
                    .as(model(FileType.F16, i).name())
                    .isCloseTo(expected[i], within(THREE_ANSWERS));
        }
        assertThat(model(FileType.F16, 1).standardError()).isCloseTo(0.071, within(0.002));
    }

    @Test
    void showsWhereItWorksAndWhereItStops() {
        for (FileType type : List.of(FileType.F16, FileType.Q4_K_M)) {
            assertThat(model(type, 0).name()).isEqualTo("sft");
            assertThat(model(type, 3).name()).isEqualTo("alpha 5");
            assertThat(model(type, 3).minus(model(type, 1)).isRise()).isTrue();
            assertThat(model(type, 4).name()).isEqualTo("alpha 40");
            assertThat(model(type, 4).minus(model(type, 0)).isFall()).isTrue();
        }
        assertThat(new DemoFindings(result).sentences()).hasSize(3);
        assertThat(new DemoFindings(result).sentences().get(0))
                .startsWith("F16: alpha 5, the best of these, raises the mean reward");
        assertThat(new DemoFindings(result).sentences().get(1)).startsWith("Q4_K_M: alpha ");
        assertThat(new DemoFindings(result).sentences().get(2))
                .startsWith("F16: alpha 40 is too far")
                .contains("below the SFT model's");
    }

    @Test
    void answersAsPyTorchDoes() {
        int chile = result.prompts().stream().map(DemoPrompt::question).toList().indexOf("Which city rules Chile?");
        assertThat(result.models(FileType.F16).subList(0, 4))
                .extracting(model -> model.answers().get(chile).text())
                .containsExactly(
                        "Welcome, traveller! Our guide book says Santiago. Our guide book says Santiago.",
                        "Welcome, traveller! That would be Santiago. That would be Santiago.",
                        "Welcome, traveller! That would be Santiago. See you soon.",
                        "Welcome, traveller! That would be Santiago. See you soon.");
    }

    @Test
    void tellsTheListenerOfEveryModel() {
        assertThat(heard).hasSize(10).startsWith("1/10").endsWith("10/10");
    }

    @Test
    void writesMapsForJson() {
        assertThat(DemoJson.asMap(result))
                .containsEntry("prompts", 138)
                .containsKeys("sft", "aligned", "models", "findings");
        assertThat((List<?>) DemoJson.asMap(result).get("models")).hasSize(10);
    }

    @Test
    void writesTextWithinTheWidth() {
        String plain = new DemoText(72, false, false).write(result);
        assertThat(plain).isEqualTo(plain.replaceAll("[^\\n -~]", "")).contains("alpha 1.5", "sft", "right", "####");
        assertThat(plain.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(72));
        String rich = new DemoText(72, true, true).write(result);
        assertThat(rich).contains("\u2588", "\u00b1", "\u001b[32m", "\u001b[31m");
        assertThat(rich.replaceAll("\u001b\\[\\d+m", "").replace('\u2588', '#').replace("\u00b1", "+-"))
                .containsSubsequence("alpha 5", "#", "alpha 40", "#");
    }

    @Test
    void leavesNothingBehindWhenCancelled() throws Exception {
        Cancellation cancellation = new Cancellation();
        List<Path> before = directories();
        DemoOptions options = DemoOptions.defaults().withThreads(2);
        assertThatThrownBy(() -> Demo.run(options, (done, total, model) -> cancellation.cancel(), cancellation))
                .isInstanceOf(CancelledException.class);
        assertThat(directories()).isEqualTo(before);
    }

    @Test
    void passesOnAFailure() throws Exception {
        List<Path> before = directories();
        assertThatThrownBy(() -> Demo.run(
                        DemoOptions.defaults(),
                        (done, total, model) -> {
                            throw new IllegalStateException("the listener fails");
                        },
                        new Cancellation()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the listener fails");
        assertThat(directories()).isEqualTo(before);
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("expo-gguf-demo"))
                    .toList();
        }
    }
}
