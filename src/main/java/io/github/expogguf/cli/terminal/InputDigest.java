package io.github.expogguf.cli.terminal;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Names files by what is in them, to tell whether a log belongs to them. */
public final class InputDigest {

    private static final int SAMPLES = 64;
    private static final int SAMPLE_BYTES = 1 << 16;
    public static final int SHOWN_DIGITS = 16;

    /** What the number is called that is not the SHA-256 of a file. */
    public static final String FINGERPRINT = "fingerprint";

    private InputDigest() {}

    /** Name and digest of a file. */
    public static String ofFile(Path file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        try (InputStream input = new DigestInputStream(Files.newInputStream(file), digest)) {
            input.transferTo(OutputStream.nullOutputStream());
        }
        return named(file, "sha256", digest);
    }

    /**
     * Name and fingerprint of a model, which is no digest of its files: their sizes, and samples of 64 KiB spread over
     * each, beginning and end included. Two checkpoints differ nearly everywhere, and a model of many gigabytes is not
     * read whole.
     */
    public static String ofModel(Path anyFile) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        try (GgufModel model = GgufModel.open(anyFile)) {
            for (GgufFile file : model.files()) {
                sample(file.path(), digest);
            }
        }
        return named(anyFile, FINGERPRINT, digest);
    }

    /** Whether two models are the same files to the byte; reads them whole only where their fingerprints are equal. */
    public static boolean areSame(Path one, Path other) throws IOException {
        if (!fingerprint(one).equals(fingerprint(other))) {
            return false;
        }
        try (GgufModel first = GgufModel.open(one);
                GgufModel second = GgufModel.open(other)) {
            int shards = first.files().size();
            for (int i = 0; i < shards; i++) {
                if (second.files().size() != shards
                        || Files.mismatch(
                                        first.files().get(i).path(),
                                        second.files().get(i).path())
                                >= 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private static String fingerprint(Path anyFile) throws IOException {
        String name = String.valueOf(anyFile.getFileName());
        return ofModel(anyFile).substring(name.length());
    }

    private static void sample(Path file, MessageDigest digest) throws IOException {
        try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) { // which no interrupt closes
            long size = input.length();
            digest.update(Long.toString(size).getBytes(StandardCharsets.US_ASCII));
            byte[] bytes = new byte[(int) Math.min(size, SAMPLE_BYTES)];
            long last = Math.max(0, size - SAMPLE_BYTES);
            for (int i = 0; i < SAMPLES; i++) {
                input.seek(Math.round((double) last / (SAMPLES - 1) * i));
                input.readFully(bytes);
                digest.update(bytes);
            }
        }
    }

    private static String named(Path file, String kind, MessageDigest digest) {
        String digits = Sha256.digits(digest);
        return file.getFileName() + " (" + kind + " " + digits.substring(0, SHOWN_DIGITS) + ")";
    }
}
