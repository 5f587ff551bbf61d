package io.github.expogguf.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, as 64 hexadecimal digits in lower case. */
public final class Sha256 {

    /** In place of a digest that is written later. */
    public static final String PLACEHOLDER = "0".repeat(64);

    private Sha256() {}

    /** Of a text in UTF-8. */
    public static String of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String of(byte[] bytes) {
        return digits(newDigest().digest(bytes));
    }

    /** For what comes in pieces. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The digits of what was digested so far; the digest then is empty again. */
    public static String digits(MessageDigest digest) {
        return digits(digest.digest());
    }

    private static String digits(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
