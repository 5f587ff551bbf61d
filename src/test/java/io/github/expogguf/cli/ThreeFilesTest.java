package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums of docs/three-files.md, against a plain loop in double precision. */
class ThreeFilesTest {

    /** Rounding of three sums and products of single precision, of weights up to about 2. */
    private static final double TOLERANCE = 1e-6;

    private static final Path SFT = demo("sft");
    private static final Path TEN = demo("dpo-10");
    private static final Path TWENTY = demo("dpo-20");
    private static final Path ALL = demo("dpo-100");

    @TempDir
    private Path directory;

    private static Path demo(String name) {
        return DemoFiles.DIRECTORY.resolve("guide-" + name + "-f16.gguf");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // weights of the SFT model and of DPO-10, DPO-20, DPO-100
        "a chat vector, sft dpo-10 0 sft dpo-20 1, -1, 1, 1, 0",
        "a reasoning vector, sft dpo-10 0 sft dpo-100 0.5, -0.5, 1, 0, 0.5",
        "RESTA, sft dpo-20 0 dpo-10 dpo-100 0.5, 0, -0.5, 1, 0.5",
        "an abliteration, sft dpo-100 0 sft dpo-10 1, -1, 1, 0, 1",
        "a merge of two, dpo-20 dpo-10 -0.3, 0, 0.7, 0.3, 0",
        "a merge of three, dpo-20 dpo-10 -0.3 dpo-10 dpo-100 0.2, 0, 0.5, 0.3, 0.2"
    })
    void areTheSumsTheyAreCalled(String name, String models, double sft, double ten, double twenty, double all)
            throws IOException {
        String[] words = models.split(" ");
        Path output = directory.resolve("out.gguf");
        List<Object> command = new ArrayList<>(List.of("extrapolate", "--sft", demo(words[0]), "--aligned"));
        command.addAll(List.of(demo(words[1]), "--alpha", words[2], "--type", "F32", "-o", output));
        if (words.length > 3) {
            command.addAll(List.of("--delta", demo(words[3]) + "," + demo(words[4]) + "," + words[5]));
        }
        Ran ran = Ran.run(command.toArray());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        try (GgufModel result = GgufModel.open(output)) {
            for (TensorInfo tensor : result.header().tensors()) {
                float[] weights = GgmlFloats.of(result, tensor);
                float[][] inputs = {
                    read(SFT, tensor.name()),
                    read(TEN, tensor.name()),
                    read(TWENTY, tensor.name()),
                    read(ALL, tensor.name())
                };
                for (int i = 0; i < weights.length; i++) {
                    double expected =
                            sft * inputs[0][i] + ten * inputs[1][i] + twenty * inputs[2][i] + all * inputs[3][i];
                    if (Math.abs(weights[i] - expected) > TOLERANCE) {
                        assertThat((double) weights[i])
                                .as("%s of %s at %d", name, tensor.name(), i)
                                .isCloseTo(expected, within(TOLERANCE));
                    }
                }
            }
        }
    }

    private static float[] read(Path file, String name) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return GgmlFloats.of(
                    model,
                    model.header().tensors().stream()
                            .filter(tensor -> tensor.name().equals(name))
                            .findFirst()
                            .orElseThrow());
        }
    }
}
