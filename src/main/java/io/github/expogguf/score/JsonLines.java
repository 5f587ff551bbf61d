package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line, or one JSON array of objects, as the evaluation set of AlpacaEval is. Blank lines are passed
 * over. Errors name file and line.
 */
final class JsonLines {

    private JsonLines() {}

    /** Makes something of an object; {@code origin} as in {@code prompts.jsonl:17}. */
    interface Reading<T> {

        /**
         * Reads one.
         *
         * @throws IllegalArgumentException if it is no question or no answer
         */
        T read(Map<String, @Nullable Object> object, String origin);
    }

    /**
     * Everything in a file.
     *
     * @param what for messages, as in {@code prompts}
     * @throws PromptException if something else is in the file, or nothing
     */
    static <T> List<T> read(Path path, String what, Reading<T> reading) throws IOException {
        String file = TextFile.nameOf(path);
        List<T> all = new ArrayList<>();
        String content = TextFile.read(path);
        int number = 0;
        for (int start = 0; start < content.length(); ) {
            number++;
            int end = content.indexOf('\n', start) < 0 ? content.length() : content.indexOf('\n', start);
            String line = content.substring(start, end);
            String text = (number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line).strip();
            if (all.isEmpty() && text.startsWith("[")) {
                readArray(content.stripTrailing(), content.indexOf('[', start), file, number, reading, all);
                break;
            }
            if (!text.isEmpty()) {
                String origin = file + ":" + number;
                all.add(made(StrictJson.object(text, origin), origin, reading));
            }
            start = end + 1;
        }
        if (all.isEmpty()) {
            throw new PromptException(file + ": there are no " + what + " in it");
        }
        return all;
    }

    private static <T> void readArray(String text, int start, String file, int line, Reading<T> reading, List<T> all) {
        for (Object element : StrictJson.objects(text, start, file + ":" + line)) {
            String origin = file + ": element " + (all.size() + 1);
            all.add(made(StrictJson.object(element, origin), origin, reading));
        }
    }

    /** What is no question and no answer is no prompt either. */
    private static <T> T made(Map<String, @Nullable Object> object, String origin, Reading<T> reading) {
        try {
            return reading.read(object, origin);
        } catch (IllegalArgumentException wrong) {
            throw new PromptException(origin + ": " + wrong.getMessage());
        }
    }
}
