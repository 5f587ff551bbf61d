package io.github.expogguf.infer.token;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a SentencePiece-like vocabulary can express a text. llama.cpp v0.5.0 writes a character that is no token as
 * byte tokens, and relies on their being there ({@code llama_vocab::byte_to_token}, llama-vocab.cpp).
 */
public final class ByteFallback {

    private static final String SPACE = "\u2581"; // what SentencePiece writes for a space

    private final @Nullable Set<String> characters; // tokens of one character; null where every byte has a token
    private final boolean[] bytes;

    private ByteFallback(@Nullable Set<String> characters, boolean[] bytes) {
        this.characters = characters;
        this.bytes = bytes;
    }

    public static ByteFallback of(Metadata metadata) {
        boolean sentencePiece =
                metadata.string("tokenizer.ggml.model").orElse("").equals("llama");
        if (!sentencePiece) {
            return new ByteFallback(null, new boolean[0]);
        }
        Set<String> tokens = metadata.get("tokenizer.ggml.tokens")
                .map(MetadataValue::asStrings)
                .<Set<String>>map(HashSet::new)
                .orElse(Set.of());
        boolean[] bytes = new boolean[256];
        boolean complete = true;
        for (int value = 0; value < 256; value++) {
            boolean ascii = value > 0 && value < 128;
            bytes[value] = tokens.contains(String.format(Locale.ROOT, "<0x%02X>", value))
                    || (ascii && tokens.contains(String.valueOf((char) value)));
            complete &= bytes[value];
        }
        if (complete) {
            return new ByteFallback(null, new boolean[0]);
        }
        tokens.removeIf(token -> token.codePointCount(0, token.length()) != 1);
        return new ByteFallback(tokens, bytes);
    }

    /** Throws unless the text can be tokenized. */
    public void require(String text) {
        if (characters == null) {
            return;
        }
        requireCharacter(SPACE, characters);
        text.codePoints()
                .filter(character -> character != ' ')
                .mapToObj(Character::toString)
                .forEach(character -> requireCharacter(character, characters));
    }

    private void requireCharacter(String character, Set<String> known) {
        if (known.contains(character)) {
            return;
        }
        for (byte value : character.getBytes(StandardCharsets.UTF_8)) {
            if (!bytes[value & 0xFF]) {
                throw new InferenceException(String.format(
                        Locale.ROOT,
                        "the vocabulary has neither a token for '%s' nor for its byte 0x%02X",
                        character,
                        value));
            }
        }
    }
}
