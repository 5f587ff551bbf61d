package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Files of prompts: one JSON object a line, or one JSON array of objects, as the evaluation set of AlpacaEval is. The
 * prompt is the field {@code prompt}, or {@code instruction}, or {@code messages} where there is none: a text, or an
 * array of turns with {@code role} and {@code content}, as transformers and TRL have them. Blank lines are passed over.
 * Any thread may read one.
 */
public final class PromptFile {

    private static final List<String> FIELDS = List.of("prompt", "instruction", "messages");

    private PromptFile() {}

    /**
     * The prompts in their order, each with all fields of its object; numbers among the fields are
     * {@link java.math.BigDecimal}s, so that they are written as they were read.
     *
     * @param path a file
     * @return at least one
     * @throws PromptException if something else is in the file, or nothing; names file and line
     * @throws IOException     if it cannot be read
     */
    public static List<Prompt> read(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        return JsonLines.read(path, "prompts", (object, origin) -> {
            String name = FIELDS.stream()
                    .filter(object::containsKey)
                    .findFirst()
                    .or(() -> object.keySet().stream()
                            .flatMap(key -> Similar.to(key, FIELDS).stream())
                            .findFirst())
                    .orElse("prompt");
            return new Prompt(
                    ConversationJson.turns(object, name, "prompt", "user", origin),
                    StrictJson.decimals(object, origin),
                    origin);
        });
    }
}
