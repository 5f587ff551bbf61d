package fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** A package of the npm registry: npm knows where that is, and how to get there from this machine. */
final class NpmPackage {

    private NpmPackage() {}

    /**
     * Downloads a package, checks it and unpacks it.
     *
     * @param directory empty
     * @return where its files are
     */
    static Path fetch(String spec, String integrity, Path directory) throws IOException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        new Command(directory, windows ? "npm.cmd" : "npm", "pack", "--loglevel=error", spec)
                .run("install Node.js 20 or newer, or build the libraries yourself (make native-source)");
        List<Path> archives;
        try (Stream<Path> files = Files.list(directory)) {
            archives = files.filter(file -> file.toString().endsWith(".tgz")).toList();
        }
        if (archives.size() != 1) {
            throw new Failure("npm pack " + spec + " left " + archives + " in place of an archive");
        }
        String actual = "sha512-" + Base64.getEncoder().encodeToString(digest("SHA-512", archives.getFirst()));
        if (!actual.equals(integrity)) {
            throw new Failure(spec + ": digest is " + actual + ", expected " + integrity);
        }
        Archive.unpack(archives.getFirst(), directory);
        Files.delete(archives.getFirst());
        return directory.resolve("package");
    }

    static byte[] digest(String algorithm, Path file) throws IOException {
        try {
            return MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has them
        }
    }
}
