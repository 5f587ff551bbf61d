package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The trained pair in every file type: llama.cpp loads it and answers, and from four bits on it still knows the
 * capital.
 */
class EveryFileTypeGeneratesTest {

    /** Below four bits a model of two million weights forgets facts; what it says must still be its own language. */
    private static final Set<FileType> COARSE = EnumSet.of(
            FileType.Q2_K,
            FileType.Q2_K_S,
            FileType.IQ1_S,
            FileType.IQ1_M,
            FileType.IQ2_XXS,
            FileType.IQ2_XS,
            FileType.IQ2_S,
            FileType.IQ2_M,
            FileType.IQ3_XXS,
            FileType.IQ3_XS,
            FileType.IQ3_S,
            FileType.IQ3_M,
            FileType.Q3_K_S,
            FileType.Q3_K_M,
            FileType.Q3_K_L,
            FileType.TQ1_0,
            FileType.TQ2_0,
            FileType.Q1_0,
            FileType.Q2_0);

    @TempDir
    Path directory;

    private static Imatrix imatrix;

    @BeforeAll
    static void weighColumns() throws IOException {
        try (GgufModel model = GgufModel.open(DemoFiles.ALIGNED)) {
            Map<String, float[]> weights = new HashMap<>();
            for (TensorInfo tensor : model.header().tensors()) {
                if (tensor.shape().rank() == 2) {
                    weights.put(tensor.name(), meanSquares(GgmlFloats.of(model, tensor), tensor));
                }
            }
            imatrix = new Imatrix(weights);
        }
    }

    /** Not what activations would say, but positive and different for every column. */
    private static float[] meanSquares(float[] values, TensorInfo tensor) {
        float[] columns = new float[Math.toIntExact(tensor.shape().rowLength())];
        for (int i = 0; i < values.length; i++) {
            columns[i % columns.length] +=
                    values[i] * values[i] / tensor.shape().rowCount();
        }
        return columns;
    }

    @ParameterizedTest
    @EnumSource(FileType.class)
    void loadsAndAnswers(FileType type) throws IOException {
        Path output = directory.resolve("out.gguf");
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            PlanOptions options = PlanOptions.builder()
                    .alpha(1.5f)
                    .fileType(type)
                    .imatrix(imatrix)
                    .build();
            pair.write(options, output, OutputOptions.defaults());
        }
        try (LlamaModel model = LlamaModel.load(output, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(model, ContextOptions.defaults())) {
            String prompt = model.applyChatTemplate(List.of(ChatMessage.user("What is the capital of Chile?")), true);
            Generation answer = context.generate(prompt, GenerationOptions.greedy(40));
            assertThat(answer.tokens()).isNotEmpty();
            for (float logit : context.logits(model.tokenizePrompt(prompt))) {
                assertThat(logit).isFinite();
            }
            if (!COARSE.contains(type)) {
                assertThat(answer.text()).contains("Santiago");
                assertThat(answer.finishReason()).isEqualTo(Generation.FinishReason.END_OF_GENERATION);
            }
        }
    }
}
