package io.github.expogguf.cli.prompt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.PromptException;
import io.github.expogguf.cli.terminal.TextInput;
import java.io.IOException;
import java.nio.file.Path;

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
     * @throws PromptException if it is a JSON file without a template, or no text
     */
    public static String read(Path file) throws IOException {
        String text = TextInput.read(file);
        String name = file.getFileName().toString();
        if (!name.endsWith(".json")) {
            return text;
        }
        JsonObject object = StrictJson.object(text, name);
        JsonElement template = object.get("chat_template");
        if (template != null && template.isJsonArray()) {
            for (JsonElement choice : template.getAsJsonArray()) {
                if (choice.isJsonObject() && isText(choice.getAsJsonObject().get("name"), "default")) {
                    template = choice.getAsJsonObject().get("template");
                }
            }
        }
        if (template == null || !template.isJsonPrimitive()) {
            throw new PromptException(name + ": there is no text 'chat_template' in it, nor one named 'default'");
        }
        return template.getAsString();
    }

    private static boolean isText(JsonElement element, String text) {
        return element != null
                && element.isJsonPrimitive()
                && element.getAsString().equals(text);
    }
}
