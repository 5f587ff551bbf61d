package io.github.expogguf.plan.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.PromptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateFileTest {

    @TempDir
    private Path directory;

    private Path write(String json) throws IOException {
        return Files.writeString(directory.resolve("tokenizer_config.json"), json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | chat_template is not there",
                "{\"chat_template\": null} | chat_template is null",
                "{\"chat_template\": 7} | chat_template is 7",
                "{\"chat_template\": true} | chat_template is true",
                "{\"chat_template\": {\"default\": \"x\"}} | chat_template is an object",
                "{\"chat_template\": [\"x\", {\"name\": \"rag\", \"template\": \"x\"}]} | of the templates in chat_template none is named 'default'"
            })
    void whatIsNoTemplateIsTold(String json, String words) throws IOException {
        Path file = write(json);
        assertThatThrownBy(() -> TemplateFile.read(file))
                .isInstanceOf(PromptException.class)
                .hasMessage("tokenizer_config.json: " + words
                        + ", expected a text, or an array with a template of the name 'default'");
    }

    @Test
    void ofSeveralTheDefaultIsTaken() throws IOException {
        assertThat(TemplateFile.read(
                        write("{\"chat_template\": [{\"name\": \"default\", \"template\": \"{{ x }}\"}]}")))
                .isEqualTo("{{ x }}");
    }
}
