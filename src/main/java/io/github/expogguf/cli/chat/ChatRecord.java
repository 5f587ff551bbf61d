package io.github.expogguf.cli.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.text.Words;
import java.util.Map;
import java.util.Optional;

/** The answers of a chat, for the document of {@code --json}. */
final class ChatRecord {

    private final JsonArray answers = new JsonArray();
    private final JsonArray saved = new JsonArray();

    /** @param isComparison whether it is beside the conversation, of {@code /compare} */
    void add(String message, Optional<Float> alpha, Generation answer, boolean isComparison) {
        JsonObject entry = new JsonObject();
        entry.addProperty("message", message);
        entry.addProperty("alpha", alpha.orElse(null));
        entry.addProperty("answer", answer.text().strip());
        entry.addProperty("tokens", answer.tokens().size());
        entry.addProperty("finishReason", Words.hyphened(answer.finishReason()));
        entry.addProperty("comparison", isComparison);
        answers.add(entry);
    }

    void addSaved(String file) {
        saved.add(file);
    }

    /** @param inputs what the model was made of, and how, by name */
    JsonObject document(LlamaModel model, Map<String, String> inputs) {
        JsonObject document = Json.document("chat");
        document.addProperty("model", model.name());
        document.addProperty("weights", model.parameterCount());
        document.addProperty("tensorBytes", model.tensorBytes());
        document.add("inputs", Json.tree(inputs));
        model.chatTemplateInUse().ifPresent(used -> document.add("template", ChatTemplateFlags.json(used)));
        document.add("answers", answers);
        document.add("saved", saved);
        return document;
    }
}
