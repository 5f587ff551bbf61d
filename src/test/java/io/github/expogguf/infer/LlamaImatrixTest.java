package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files beside those of the real llama-imatrix, byte by byte; {@code make test-imatrix} builds it and names it. */
@EnabledIfSystemProperty(named = LlamaImatrixTest.PROGRAM, matches = ".+")
class LlamaImatrixTest {

    static final String PROGRAM = "expo.gguf.test.llama-imatrix";

    @TempDir
    private Path directory;

    /** Chunks that are read together, alone, and in parts. */
    @ParameterizedTest
    @CsvSource({"512, 2048, 6", "512, 512, 3", "1024, 512, 3", "128, 2048, 37", "100, 300, 7"})
    void theFamilyHasTheSameFile(int chunkTokens, int batchTokens, int chunks) throws Exception {
        compare(
                DemoFiles.ALIGNED,
                ImatrixOptions.builder()
                        .chunkTokens(chunkTokens)
                        .batchTokens(batchTokens)
                        .chunks(chunks)
                        .build());
    }

    @Test
    void theOutputMatrixAndSpecialTokensCountIfAsked() throws Exception {
        ImatrixOptions options = ImatrixOptions.builder().chunks(4).build();
        compare(DemoFiles.ALIGNED, options.toBuilder().processOutput(true).build());
        compare(DemoFiles.ALIGNED, options.toBuilder().parseSpecial(true).build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cohere",
                "cohere2",
                "deepseek_v3",
                "falcon_h1",
                "glm4",
                "glm4_moe", // with a block for multi-token prediction
                "gpt_oss",
                "granite",
                "granitemoe",
                "granitemoehybrid",
                "lfm2",
                "llama",
                "llama_wide",
                "mamba2",
                "mistral",
                "mixtral",
                "olmo2",
                "phi3",
                "qwen2",
                "qwen3",
                "qwen3_5",
                "qwen3_5_moe",
                "qwen3_moe",
                "qwen3_next", // with one, too
                "smollm3"
            })
    void smallModelsOfManyArchitecturesHaveTheSameFile(String folder) throws Exception {
        compare(
                Path.of("src/test/resources/folders", folder, "like.gguf"),
                ImatrixOptions.builder().chunkTokens(64).chunks(40).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_0", "Q4_K_M", "Q8_0", "BF16", "IQ4_XS"})
    void quantizedModelsHaveTheSameFile(String type) throws Exception {
        Path model = directory.resolve("model.gguf");
        try (Extrapolator aligned = Extrapolator.open(DemoFiles.ALIGNED)) {
            aligned.write(
                    PlanOptions.builder().fileType(FileType.parse(type)).build(), model, OutputOptions.defaults());
        }
        compare(model, ImatrixOptions.builder().chunks(4).build());
    }

    private void compare(Path model, ImatrixOptions options) throws IOException, InterruptedException {
        Path theirs = directory.resolve("theirs.gguf");
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty(PROGRAM)).toAbsolutePath().toString(),
                "-m",
                model.toAbsolutePath().toString(),
                "-f",
                "calibration.txt",
                "-o",
                theirs.toString(),
                "--no-ppl",
                "--chunks",
                Integer.toString(options.chunks()),
                "-c",
                Integer.toString(options.chunkTokens()),
                "-b",
                Integer.toString(options.batchTokens())));
        if (options.processOutput()) {
            words.add("--process-output");
        }
        if (options.parseSpecial()) {
            words.add("--parse-special");
        }
        Path log = directory.resolve("log.txt");
        int exit = new ProcessBuilder(words)
                .directory(DemoFiles.DIRECTORY.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertThat(exit).as(Files.readString(log)).isZero();

        Path ours = directory.resolve("ours.gguf");
        try (LlamaModel loaded = LlamaModel.load(model, LoadOptions.defaults());
                ImatrixCollector collector = ImatrixCollector.open(loaded, options);
                OutputStream out = Files.newOutputStream(ours)) {
            ImatrixSums sums = collector.collect("calibration.txt", DemoFiles.calibrationText());
            sums.write(out);
        }
        assertThat(ours).as(model.toString()).hasSameBinaryContentAs(theirs);
    }
}
