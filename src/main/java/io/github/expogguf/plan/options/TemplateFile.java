package io.github.expogguf.plan.options;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file with a chat template: the template itself, or a JSON object with a field {@code chat_template}, as {@code
 * tokenizer_config.json} and {@code chat_template.json} of a Hugging Face repository are. Of several templates in it,
 * the one named {@code default} is taken, as transformers does.
 */
public final class TemplateFile {

    private TemplateFile() {}

    /**
     * The text of a chat template.
     *
     * @param file a file
     * @return the text of the template
     * @throws PromptException if it is a JSON file without a template, or no text
     * @throws IOException     if it cannot be read
     */
    public static String read(Path file) throws IOException {
        String text = TextFile.read(file);
        String name = TextFile.nameOf(file);
        if (!name.endsWith(".json")) {
            return text;
        }
        Map<String, @Nullable Object> object = StrictJson.object(text, name);
        Object template = object.get("chat_template");
        if (template instanceof List<?> choices) {
            for (Object choice : choices) {
                if (choice instanceof Map<?, ?> named && "default".equals(named.get("name"))) {
                    template = named.get("template");
                }
            }
        }
        return switch (template) {
            case String source -> source;
            case Boolean word -> word.toString();
            case JsonNumber number -> number.text();
            case null, default ->
                throw new PromptException(name + ": there is no text 'chat_template' in it, nor one named 'default'");
        };
    }
}
