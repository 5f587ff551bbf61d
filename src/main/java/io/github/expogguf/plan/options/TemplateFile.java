package io.github.expogguf.plan.options;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.text.json.JsonWords;
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

    private static final String FIELD = "chat_template";

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
        Object template = object.get(FIELD);
        if (template instanceof List<?> choices) {
            for (Object choice : choices) {
                if (choice instanceof Map<?, ?> named && "default".equals(named.get("name"))) {
                    template = named.get("template");
                }
            }
        }
        if (template instanceof String source) {
            return source;
        }
        String found = !object.containsKey(FIELD)
                ? FIELD + " is not there"
                : template instanceof List<?>
                        ? "of the templates in " + FIELD + " none is named 'default'"
                        : FIELD + " is " + JsonWords.of(template);
        throw new PromptException(
                name + ": " + found + ", expected a text, or an array with a template of the name 'default'");
    }
}
