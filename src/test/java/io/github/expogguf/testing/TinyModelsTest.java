package io.github.expogguf.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TinyModelsTest {

    @TempDir
    Path directory;

    static Stream<Arguments> models() {
        Sizes sizes = Sizes.of(2, 256, 256, 4, 2);
        return Stream.of(
                Arguments.of("llama", TinyModels.llama(sizes)),
                Arguments.of(
                        "llama, tied, F16",
                        TinyModels.llama(sizes.withTiedEmbeddings()).withMatrices(GgmlType.F16)),
                Arguments.of(
                        "llama, experts, Q8_0",
                        TinyModels.llama(sizes.withExperts(4)).withMatrices(GgmlType.Q8_0)),
                Arguments.of("qwen2, Q4_K", TinyModels.qwen2(sizes).withMatrices(GgmlType.Q4_K)),
                Arguments.of("qwen3, BF16", TinyModels.qwen3(sizes, 64).withMatrices(GgmlType.BF16)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void loadsAndGeneratesInLlamaCpp(String name, TinyModel model) throws IOException {
        Path file = model.write(directory.resolve("model.gguf"), TensorValues.random(1));
        try (LlamaModel loaded = LlamaModel.load(file, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(
                        loaded, ContextOptions.defaults().withContextTokens(256).withThreads(1))) {
            assertThat(loaded.vocabularySize()).isEqualTo(TinyModels.VOCABULARY);
            assertThat(context.logits(loaded.tokenize("Hello")))
                    .hasSize(TinyModels.VOCABULARY)
                    .doesNotContain(Float.NaN);
            assertThat(context.generate("Hello", GenerationOptions.greedy(4)).tokens())
                    .isNotEmpty();
        }
    }

    @Test
    void givesTheSameValuesForTheSameSeedAndOthersNearby() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 64, 64, 2, 1));
        TensorValues sft = TensorValues.random(5);
        TensorValues aligned = TensorValues.near(sft, 6);
        for (var tensor : model.tensors()) {
            float[] values = sft.of(tensor);
            float[] near = aligned.of(tensor);
            assertThat(values).isEqualTo(TensorValues.random(5).of(tensor)).isNotEqualTo(near);
            for (int i = 0; i < values.length; i++) {
                assertThat(near[i]).isBetween(values[i] - 0.05f, values[i] + 0.05f);
            }
        }
    }
}
