package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.Metadata;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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
        return sha256(source);
    }

    /** The digest of the template that a file has. */
    public static Optional<String> sha256(Metadata metadata) {
        return metadata.string(KEY).map(OutputTemplate::sha256);
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has it
        }
    }
}
