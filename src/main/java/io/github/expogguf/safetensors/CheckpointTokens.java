package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a checkpoint by their numbers, as {@code tokenizer.json} has them (tokenizers 0.23). Of the rest of the
 * file, which is large, nothing is read.
 *
 * @param path       for messages
 * @param vocabulary the model's ({@code model.vocab})
 * @param added      special tokens, and those that alignment has added ({@code added_tokens}); some of them may be in
 *                   the vocabulary, too
 */
public record CheckpointTokens(Path path, Map<Long, String> vocabulary, Map<Long, String> added) {

    /** What a tokenizer is called. */
    public static final String FILE = TokenizerFile.NAME;

    /**
     * Reads the file.
     *
     * @throws SafetensorsFormatException if it is damaged, or not every token has a number of its own
     * @throws IOException                if it cannot be read
     */
    public static CheckpointTokens read(Path path) throws IOException {
        TokenizerFile file = new TokenizerFile(path);
        file.read();
        return new CheckpointTokens(path, file.vocabulary(), file.added());
    }

    /** The text of a token; null where there is none of the number. */
    public @Nullable String text(long token) {
        String text = added.get(token);
        return text == null ? vocabulary.get(token) : text;
    }

    /**
     * Refuses tokens of the vocabulary that have no row. Added ones are published without (Gemma 3 of a billion weights
     * has one for images): their numbers go on behind the others, and are none that come from elsewhere.
     *
     * @param rows of the embedding
     * @throws SafetensorsFormatException that names the first token of such a number
     */
    public void requireRows(int rows) {
        vocabulary.forEach((number, text) -> {
            if (number >= rows && !added.containsKey(number)) {
                throw beyond(TokenizerFile.VOCABULARY, text, number, rows + ", the rows of the embedding");
            }
        });
        long end = (long) rows + added.size();
        added.forEach((number, text) -> {
            if (number >= end) {
                throw beyond(
                        TokenizerFile.ADDED,
                        text,
                        number,
                        end + ": the embedding has " + rows + " rows, and " + added.size() + " tokens are added");
            }
        });
    }

    private SafetensorsFormatException beyond(String list, String text, long number, String expected) {
        return TokenizerFile.problem(
                path,
                list + ": token " + Escape.quote(text) + " has the number " + number + ", expected one below "
                        + expected);
    }
}
