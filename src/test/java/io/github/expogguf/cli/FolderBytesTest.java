package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.testing.GgmlFloats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders beside the GGUF files of the same weights, and a template with fewer tensors. */
class FolderBytesTest {

    @TempDir
    private Path directory;

    static Stream<String> names() throws IOException {
        return FolderFixture.names();
    }

    private static void run(Object... words) {
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.OK.code());
    }

    private Map<String, float[]> values(Path file) throws IOException {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (GgufModel model = GgufModel.open(file)) {
            for (TensorInfo tensor : model.header().tensors()) {
                values.put(tensor.name(), GgmlFloats.of(model, tensor));
            }
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aFolderBecomesTheSameAsItsFileOnOneThreadAndOnTwo(String name) throws IOException {
        FolderFixture pair = FolderFixture.of(name);
        Path aligned = directory.resolve("aligned.gguf");
        Path output = directory.resolve("out.gguf");
        run("quantize", "-m", pair.aligned(), "--like", pair.template(), "--type", "F32", "-o", aligned);
        run("extrapolate", "--sft", pair.sft(), "--aligned", aligned, "--type", "Q8_0", "-o", output);
        Map<String, float[]> expected = values(output);
        for (int threads = 1; threads <= 2; threads++) {
            Path ofFolders = directory.resolve("out-" + threads + ".gguf");
            run(
                    "extrapolate",
                    "--sft",
                    pair.sft(),
                    "--aligned",
                    pair.aligned(),
                    "--like",
                    pair.template(),
                    "--type",
                    "Q8_0",
                    "--threads",
                    threads,
                    "-o",
                    ofFolders);
            Map<String, float[]> actual = values(ofFolders);
            assertThat(actual).hasSameSizeAs(expected);
            actual.forEach((tensor, values) -> assertThat(values).as(tensor).isEqualTo(expected.get(tensor)));
        }
    }

    @Test
    void anOutputOfItsOwnIsNotLeftOut() throws IOException {
        FolderFixture pair = FolderFixture.of("llama");
        Path template = directory.resolve("tied.gguf");
        try (GgufModel model = GgufModel.open(pair.template())) {
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : model.header().tensors()) {
                byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
                model.read(tensor, 0, MemorySegment.ofArray(bytes));
                if (!tensor.name().equals("output.weight")) {
                    tensors.add(new TensorData(tensor.name(), tensor.type(), tensor.shape(), bytes));
                }
            }
            GgufWriter.writeFile(template, model.header().metadata(), tensors);
        }
        Ran ran = Ran.run("plan", "-m", pair.aligned(), "--like", template);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(ran.err()).contains("'lm_head.weight' of the folder is another matrix", "no output.weight");
    }
}
