package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Files of preferences: one JSON object a line, or one JSON array of objects, in the shapes that preference data sets
 * have: the fields {@code chosen} and {@code rejected} with {@code prompt} (or {@code instruction}), each a text or an
 * array of turns; or two whole conversations that are the same up to the last turn. TRL calls these formats standard
 * and conversational, with explicit and implicit prompts. Blank lines are passed over. Any thread may read one.
 */
public final class PreferenceFile {

    private PreferenceFile() {}

    /**
     * The pairs in their order.
     *
     * @param path a file
     * @return at least one
     * @throws PromptException if something else is in the file, or nothing; names file and line
     * @throws IOException     if it cannot be read
     */
    public static List<Preference> read(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        return JsonLines.read(path, "preferences", PreferenceJson::read);
    }
}
