package io.github.expogguf.cli.terminal;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsFile;
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
import java.util.List;

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
        return named(file, "sha256", Sha256.digits(digest));
    }

    /**
     * Name and fingerprint of a model, which is no digest of its files: their sizes, and samples of 64 KiB spread over
     * each, beginning and end included. Two checkpoints differ nearly everywhere, and a model of many gigabytes is not
     * read whole.
     */
    public static String ofModel(Path anyFile) throws IOException {
        return named(anyFile, FINGERPRINT, fingerprint(files(anyFile)));
    }

    /** Same, where the files of both are not known yet. */
    public static boolean areSame(Path one, Path other) throws IOException {
        return areSame(files(one), files(other));
    }

    /** Whether two models are the same files to the byte; reads them whole only where their fingerprints are equal. */
    public static boolean areSame(List<Path> first, List<Path> second) throws IOException {
        boolean same = first.size() == second.size() && fingerprint(first).equals(fingerprint(second));
        for (int i = 0; same && i < first.size(); i++) {
            same = Files.mismatch(first.get(i), second.get(i)) < 0;
        }
        return same;
    }

    private static List<Path> files(Path anyFile) throws IOException {
        if (Checkpoint.isNamed(anyFile)) {
            try (Checkpoint checkpoint = Checkpoint.open(anyFile)) {
                return checkpoint.files().stream().map(SafetensorsFile::path).toList();
            }
        }
        try (GgufModel model = GgufModel.open(anyFile)) {
            return model.files().stream().map(GgufFile::path).toList();
        }
    }

    private static String fingerprint(List<Path> files) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        for (Path file : files) {
            sample(file, digest);
        }
        return Sha256.digits(digest);
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

    private static String named(Path file, String kind, String digits) {
        return file.getFileName() + " (" + kind + " " + digits.substring(0, SHOWN_DIGITS) + ")";
    }
}
