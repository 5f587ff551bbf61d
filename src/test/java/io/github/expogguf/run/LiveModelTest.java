package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.OutputMetadata;
import io.github.expogguf.plan.PlanOptions;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LiveModelTest {

    private static final float ALPHA = 0.6f;
    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static final LoadOptions AS_IN_THE_FILE = LoadOptions.defaults().withRepacking(false);

    @TempDir
    Path directory;

    static Stream<Arguments> recipes() {
        Sizes sizes = Sizes.of(2, 256, 256, 4, 2);
        Map<String, TinyModel> models = Map.of(
                "llama", TinyModels.llama(sizes),
                "llama, tied", TinyModels.llama(sizes.withTiedEmbeddings()),
                "llama, experts", TinyModels.llama(sizes.withExperts(4)),
                "qwen2", TinyModels.qwen2(sizes),
                "qwen2, tied", TinyModels.qwen2(sizes.withTiedEmbeddings()),
                "qwen3", TinyModels.qwen3(sizes, 64));
        return models.entrySet().stream()
                .flatMap(model -> Stream.of(FileType.F16, FileType.Q8_0, FileType.Q4_K_M)
                        .map(type -> Arguments.of(model.getKey(), model.getValue(), type)));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("recipes")
    void hasTheLogitsOfTheWrittenFile(String name, TinyModel model, FileType type) throws IOException {
        try (Extrapolator pair = pair(model)) {
            PlanOptions options =
                    PlanOptions.builder().alpha(ALPHA).fileType(type).build();
            try (LiveModel live = LiveModel.open(pair, options, OutputOptions.defaults())) {
                assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, options));
                live.setAlpha(0);
                assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, options.withAlpha(0)));
            }
        }
    }

    private float[] logitsOfFile(Extrapolator pair, PlanOptions options) throws IOException {
        Path file = directory.resolve("written.gguf");
        pair.write(options, file, OutputOptions.defaults().withForce(true));
        try (LlamaModel written = LlamaModel.load(file, AS_IN_THE_FILE)) {
            return logits(written);
        }
    }

    private static float[] logits(LlamaModel model) {
        try (LlamaContext context = model.newContext(SMALL)) {
            return context.logits(model.tokenize("The capital of Chile", true, false));
        }
    }

    private Extrapolator pair(TinyModel model) throws IOException {
        TensorValues values = TensorValues.random(1);
        Path sft = model.withMatrices(GgmlType.F16).write(directory.resolve("sft.gguf"), values);
        Path aligned = model.withMatrices(GgmlType.BF16)
                .write(directory.resolve("aligned.gguf"), TensorValues.near(values, 2));
        return Extrapolator.open(sft, aligned);
    }
}
