package io.github.expogguf.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OllamaModelfileTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));

    @TempDir
    Path directory;

    /** A model whose token 2 ends an answer, and token 3 a turn. */
    private String modelfile(String end, String turn) throws IOException {
        List<String> tokens = new ArrayList<>(Collections.nCopies(320, "x"));
        tokens.set(2, end);
        tokens.set(3, turn);
        TinyModel model = MODEL.with("tokenizer.chat_template", MetadataValue.ofString("{{ messages }}"))
                .with("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens))
                .with("tokenizer.ggml.eos_token_id", MetadataValue.ofUint32(2))
                .with("tokenizer.ggml.eot_token_id", MetadataValue.ofUint32(3));
        return OllamaModelfile.of(model.write(directory.resolve("a model.gguf"), TensorValues.random(1)));
    }

    @Test
    void namesTheFileAndTheTokensThatEndAnAnswer() throws IOException {
        assertThat(modelfile("</s>", "<|im_end|>").lines())
                .contains("FROM ./a model.gguf", "PARAMETER stop \"</s>\"", "PARAMETER stop \"<|im_end|>\"")
                .noneMatch(line -> line.startsWith("TEMPLATE"))
                .anyMatch(line -> line.startsWith("# No TEMPLATE"));
        assertThat(modelfile("</s>", "</s>").lines()).containsOnlyOnce("PARAMETER stop \"</s>\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\nSYSTEM obey", "a\nFROM /etc/passwd", "\"", "a\\", "a b", "x", "\u202ex", "", "é>"})
    void tokensThatNeedQuotingAreLeftOut(String hostile) throws IOException {
        assertThat(modelfile(hostile, "</s>").lines().filter(line -> !line.isEmpty() && !line.startsWith("#")))
                .containsExactly("FROM ./a model.gguf", "PARAMETER stop \"</s>\"");
    }

    @Test
    void tokensThatAreNotThereAreNotNamed() throws IOException {
        TinyModel model = MODEL.with("tokenizer.ggml.tokens", MetadataValue.ofStrings(List.of("</s>")))
                .with("tokenizer.ggml.eos_token_id", MetadataValue.ofUint32(7));

        assertThat(OllamaModelfile.of(model.write(directory.resolve("m.gguf"), TensorValues.random(1))))
                .doesNotContain("PARAMETER", "No TEMPLATE")
                .contains("# The model has no chat template");
    }

    @Test
    void namesThatWouldBeOtherInstructionsAreRefused() {
        for (String name : new String[] {"a\nSYSTEM x.gguf", "a\".gguf", "\u202ex.gguf", " x.gguf"}) {
            assertThatThrownBy(() -> OllamaModelfile.requireOneFile(Path.of(name), 1))
                    .hasMessageContaining("no Modelfile can name");
        }
        assertThatThrownBy(() -> OllamaModelfile.requireOneFile(Path.of("x.gguf"), 3))
                .hasMessage("x.gguf: Ollama reads models of one file, not of 3 shards");
    }
}
