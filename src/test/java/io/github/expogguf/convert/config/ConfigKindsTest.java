package io.github.expogguf.convert.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.testing.FolderFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A config.json in which one value is of another kind; transformers 5.18 refuses all of these but the texts. */
class ConfigKindsTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"hidden_size\": 32 | \"hidden_size\": \"32\" | hidden_size is the text '32', expected a whole number of 0 or more, or an array of such",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 2.0 | num_hidden_layers is 2.0, expected a whole number",
                "\"num_attention_heads\": 4 | \"num_attention_heads\": [4, true] | num_attention_heads[1] is true, expected a whole",
                "\"vocab_size\": 48 | \"vocab_size\": -1 | vocab_size is -1, expected a whole number of 0 or more",
                "\"LlamaForCausalLM\" | 7 | architectures[0] is 7, expected a text",
                "\"model_type\": \"llama\" | \"architectures\": \"L\", \"model_type\": \"llama\" | architectures is the text 'L', expected an array",
                "\"model_type\": \"llama\" | \"model_type\": 7 | model_type is 7, expected a text",
                "\"model_type\": \"llama\" | \"model_type\": \"llama\", \"rope_scaling\": [2] | rope_scaling is an array, expected an object",
                "\"model_type\": \"llama\" | \"model_type\": \"llama\", \"text_config\": {\"head_dim\": \"8\"} | text_config.head_dim is the text '8', expected a whole",
                "\"tie_word_embeddings\": false | \"tie_word_embeddings\": \"true\" | tie_word_embeddings is the text 'true', expected true or false",
                "\"rms_norm_eps\": 1e-06 | \"rms_norm_eps\": \"1e-06\" | rms_norm_eps is the text '1e-06', expected a number",
                "\"dtype\": \"bfloat16\" | \"dtype\": 16 | dtype is 16, expected a text or an object"
            })
    void valuesOfAnotherKindAreNamed(String from, String to, String words) throws IOException {
        FolderFixture fixture = FolderFixture.of("llama");
        Path folder = Files.createDirectory(directory.resolve("aligned"));
        Files.copy(fixture.aligned().resolve("model.safetensors"), folder.resolve("model.safetensors"));
        String config = Files.readString(fixture.aligned().resolve("config.json"));
        assertThat(config).contains(from);
        if (to.contains("architectures")) {
            config = config.replaceFirst("\"architectures\": \\[[^]]*],", "");
        }
        Path file = Files.writeString(folder.resolve("config.json"), config.replace(from, to));

        try (GgufModel template = GgufModel.open(fixture.template())) {
            assertThatThrownBy(() -> ConvertedModel.open(folder, template, false))
                    .isInstanceOf(SafetensorsFormatException.class)
                    .hasMessageStartingWith(file + ": " + words)
                    .hasMessageEndingWith("; download config.json again, as it was published with these weights");
        }
    }
}
