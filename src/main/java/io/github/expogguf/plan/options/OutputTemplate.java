package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.nio.file.Path;
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
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(name, "name");
        if (source.isBlank()) {
            throw new IllegalArgumentException(name + ": the chat template is empty");
        }
    }

    /**
     * The template in a file, as {@link TemplateFile} reads it.
     *
     * @param file a file
     * @return the template
     * @throws IllegalArgumentException           if it is empty
     * @throws io.github.expogguf.PromptException if there is none, or no text
     * @throws IOException                        if it cannot be read
     */
    public static OutputTemplate read(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        return new OutputTemplate(TextFile.nameOf(file), TemplateFile.read(file));
    }

    /** {@return SHA-256 of the text, 64 hexadecimal digits} */
    public String sha256() {
        return Sha256.of(source);
    }

    /**
     * {@return the digest of the template that a file has}
     *
     * @param metadata metadata of a model's file
     */
    public static Optional<String> sha256(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        return metadata.string(KEY).map(Sha256::of);
    }
}
