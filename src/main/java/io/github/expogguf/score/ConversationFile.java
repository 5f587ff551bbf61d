package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Files with one conversation: a JSON array of turns with {@code role} and {@code content}, as transformers, TRL and
 * OpenAI's interface have them. Any thread may read one.
 */
public final class ConversationFile {

    private ConversationFile() {}

    /**
     * The turns in their order, each with all of its fields, which chat templates may ask for.
     *
     * @param path a file
     * @return at least one
     * @throws PromptException if something else is in the file; names it
     * @throws IOException     if it cannot be read
     */
    public static List<ChatMessage> read(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        String name = TextFile.nameOf(path);
        return ConversationJson.read(StrictJson.array(TextFile.read(path), name), "conversation", name);
    }
}
