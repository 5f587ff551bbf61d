package io.github.expogguf.infer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.DemoFiles;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LlamaModelTest {

    @TempDir
    Path directory;

    private static LlamaModel demo() throws Exception {
        return LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @Test
    void describesTheModel() throws Exception {
        try (LlamaModel model = demo()) {
            assertThat(model.name()).isEqualTo("guide-sft-f16.gguf");
            assertThat(model.description()).contains("llama").contains("F16");
            assertThat(model.parameterCount()).isEqualTo(2_033_408);
            assertThat(model.tensorBytes()).isEqualTo(tensorBytes(DemoFiles.SFT));
            assertThat(model.trainedContextTokens()).isEqualTo(512);
            assertThat(model.vocabularySize()).isEqualTo(512);
            assertThat(model.isEndOfGeneration(2)).isTrue();
            assertThat(model.isEndOfGeneration(300)).isFalse();
        }
    }

    private static long tensorBytes(Path file) throws Exception {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors().stream()
                    .mapToLong(TensorInfo::byteCount)
                    .sum();
        }
    }

    @Test
    void refusesAMissingFile() {
        assertThatThrownBy(() -> LlamaModel.load(directory.resolve("none.gguf"), LoadOptions.defaults()))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesGarbageBeforeNativeCodeSeesIt() throws Exception {
        Path garbage = Files.writeString(directory.resolve("garbage.gguf"), "not a model, whatever its name says");
        assertThatThrownBy(() -> LlamaModel.load(garbage, LoadOptions.defaults()))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageStartingWith(garbage + ": ");
    }

    @Test
    void refusesATruncatedFileBeforeNativeCodeSeesIt() throws Exception {
        byte[] whole = Files.readAllBytes(DemoFiles.SFT);
        for (int length : new int[] {100, 20_000, whole.length / 2, whole.length - 1000}) {
            Path file = Files.write(directory.resolve("truncated.gguf"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> LlamaModel.load(file, LoadOptions.defaults()))
                    .as("%s bytes", length)
                    .isInstanceOf(GgufFormatException.class)
                    .hasMessageStartingWith(file + ": ");
        }
    }

    @Test
    void passesOnWhyLlamaCppRefusesAModel() throws Exception {
        Path file = withReplacement("llama", "lhama"); // the value of general.architecture comes first
        assertThatThrownBy(() -> LlamaModel.load(file, LoadOptions.defaults()))
                .isInstanceOf(InferenceException.class)
                .hasMessageStartingWith("changed.gguf: llama.cpp cannot load this model: ")
                .hasMessageContaining("unknown model architecture: 'lhama'");
    }

    @Test
    void refusesAModelThatWouldEndTheProcess() throws Exception {
        Path file = withReplacement("<0x01>", "<0x00>");
        assertThatThrownBy(() -> LlamaModel.load(file, LoadOptions.defaults()))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("token 4 '<0x00>' is there already");
    }

    private Path withReplacement(String text, String replacement) throws Exception {
        byte[] bytes = Files.readAllBytes(DemoFiles.SFT);
        int at = new String(bytes, ISO_8859_1).indexOf(text);
        System.arraycopy(replacement.getBytes(UTF_8), 0, bytes, at, replacement.length());
        return Files.write(directory.resolve("changed.gguf"), bytes);
    }

    @Test
    void textsSurviveTokens() throws Exception {
        try (LlamaModel model = demo()) {
            List<String> texts =
                    List.of("Hello, friend!", "two  spaces, 1234 56", "Bytes: \u00e9\u4e16 \ud83d\ude00{}~^", "", "\n");
            for (String text : texts) {
                int[] tokens = model.tokenize(text, false, false);
                assertThat(model.detokenize(tokens)).isEqualTo(text);
            }
        }
    }

    @Test
    void tokenizesSpecialTokensOnRequest() throws Exception {
        try (LlamaModel model = demo()) {
            assertThat(model.tokenize("Hi", true, false)).startsWith(1);
            assertThat(model.tokenize("Hi", false, false)).doesNotContain(1);
            assertThat(model.tokenize("Hi</s>", false, true)).endsWith(2);
            assertThat(model.tokenize("Hi</s>", false, false)).doesNotContain(2);
            int[] tokens = model.tokenize("<|user|>Hi<|assistant|>", true, true);
            assertThat(tokens).startsWith(1, 259).endsWith(260);
            assertThat(model.detokenizeMarkup(tokens)).contains("<s>").contains("<|user|>");
            assertThat(model.detokenize(tokens)).doesNotContain("<s>");
        }
    }

    @Test
    void refusesTokensOutsideTheVocabulary() throws Exception {
        try (LlamaModel model = demo()) {
            for (int token : new int[] {-1, 512, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> model.detokenize(new int[] {5, token}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("token " + token + " is not in the vocabulary of 512 tokens");
                assertThatThrownBy(() -> model.detokenizeMarkup(new int[] {5, token}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("token " + token + " is not in the vocabulary of 512 tokens");
                assertThatThrownBy(() -> model.isEndOfGeneration(token)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void appliesTheModelsOwnTemplate() throws Exception {
        try (LlamaModel model = demo()) {
            List<String> prompts = DemoFiles.prompts("prompt");
            List<String> texts = DemoFiles.prompts("text");
            assertThat(prompts).hasSize(138);
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(model.applyChatTemplate(List.of(ChatMessage.user(prompts.get(i))), true))
                        .isEqualTo(texts.get(i));
            }
            List<ChatMessage> talk =
                    List.of(ChatMessage.user("Hi"), ChatMessage.assistant("Hello"), ChatMessage.user("Bye"));
            assertThat(model.applyChatTemplate(talk, false)).isEqualTo("<|user|>Hi<|assistant|>Hello</s><|user|>Bye");
            assertThatThrownBy(() -> model.applyChatTemplate(List.of(), true))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aClosedModelSaysSo() throws Exception {
        LlamaModel model = demo();
        model.close();
        model.close();
        assertThatThrownBy(model::description)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model guide-sft-f16.gguf is closed");
        assertThatThrownBy(() -> model.tokenize("a", false, false)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> LlamaContext.open(model, ContextOptions.defaults()))
                .isInstanceOf(IllegalStateException.class);
    }
}
