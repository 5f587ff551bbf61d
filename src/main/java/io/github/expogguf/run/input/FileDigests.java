package io.github.expogguf.run.input;

import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** SHA-256 of files from which nothing else is wanted. */
public final class FileDigests {

    private static final int BUFFER_BYTES = 1 << 20;

    private FileDigests() {}

    /** The digests of a model's files, 64 hexadecimal digits in lower case each. */
    public static List<String> of(SourceModel model, Cancellation cancellation) throws IOException {
        List<String> digests = new ArrayList<>();
        for (SourceFile file : model.sources()) {
            digests.add(sha256(file.path(), cancellation));
        }
        return digests;
    }

    public static String sha256(Path path, Cancellation cancellation) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(path)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                cancellation.check();
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
        return Sha256.digits(digest);
    }
}
