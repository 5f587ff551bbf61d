package io.github.expogguf.imatrix;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.FileIdentity;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads importance matrices as llama-imatrix writes them, in its GGUF format and in the older one of its own
 * ({@code .dat}). The weights are those that llama-quantize of llama.cpp v0.5.0 computes from them
 * (imatrix-loader.cpp, and {@code load_imatrix} in quantize.cpp), bit for bit. Any thread may call.
 */
public final class ImatrixReader {

    private static final byte[] GGUF_MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    private ImatrixReader() {}

    /**
     * Reads a whole file.
     *
     * @param path a file
     * @return the matrix
     * @throws GgufFormatException if it is malformed, empty, or holds values that are negative, infinite or NaN
     * @throws IOException         if it is missing, cannot be read, or changes meanwhile
     */
    public static Imatrix read(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new GgufFormatException(path, -1, "not a regular file");
        }
        FileIdentity identity = FileIdentity.of(path);
        ImatrixContent content;
        String digest;
        try {
            content = isGguf(path) ? GgufImatrix.read(path) : LegacyImatrix.read(path);
            digest = sha256(path);
        } catch (GgufFormatException malformed) {
            identity.check(path); // what a file holds while somebody writes to it is no news
            throw malformed;
        } catch (IOException failure) {
            identity.check(path);
            throw ReadFailure.of(path, failure);
        }
        identity.check(path);
        Imatrix.Source source =
                new Imatrix.Source(path.getFileName().toString(), content.datasets(), content.chunkCount(), digest);
        return new Imatrix(content.weights(), content.unasked(), content.remarks(), Optional.of(source));
    }

    private static boolean isGguf(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(GGUF_MAGIC.length), GGUF_MAGIC);
        }
    }

    private static String sha256(Path path) throws IOException {
        try (InputStream file = Files.newInputStream(path);
                DigestInputStream in = new DigestInputStream(file, Sha256.newDigest())) {
            in.transferTo(OutputStream.nullOutputStream());
            return Sha256.digits(in.getMessageDigest());
        }
    }
}
