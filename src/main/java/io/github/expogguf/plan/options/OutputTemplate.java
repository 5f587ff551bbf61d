package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.text.Sha256;
import java.util.Objects;
import java.util.Optional;

/**
 * A chat template for the output, in place of the (aligned) model's.
 *
 * @param name   of its file, without directories, for the recipe
 * @param source its text, written as it is
 */
public record OutputTemplate(String name, String source) {

    public static final String KEY = "tokenizer.chat_template";

    /** Refuses an empty template. */
    public OutputTemplate {
        Objects.requireNonNull(name, "name");
        if (source.isBlank()) {
            throw new IllegalArgumentException(name + ": the chat template is empty");
        }
    }

    /** SHA-256 of the text, 64 hexadecimal digits. */
    public String sha256() {
        return Sha256.of(source);
    }

    /** The digest of the template that a file has. */
    public static Optional<String> sha256(Metadata metadata) {
        return metadata.string(KEY).map(Sha256::of);
    }
}
