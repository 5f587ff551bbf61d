package names;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Gives the libraries of a directory names of their own: {@code libggml-base.so} becomes {@code libx3kq-base.so}, in
 * the file system, in the library, and in all that need it. Loaders take a library that is in the process already for
 * another one of the same name, and every build of llama.cpp has these names: without this, an application that loaded
 * another build first would have our llama call the other's ggml. The new name is as long as the old one, and depends
 * on the contents, so that no two builds share one.
 *
 * <p>The backends ({@code libggml-cpu-x64.so}) keep their names, which ggml looks for; nothing is linked to them.
 */
public final class OwnNames {

    private static final Pattern LIBRARY =
            Pattern.compile("(lib)?(ggml-base|ggml|llama)((?:[.][\\w.]+)?[.](?:so|dylib|dll)(?:[.][\\d.]+)?)");
    private static final Pattern BINARY = Pattern.compile(".*[.](so|dylib|dll)([.][\\d.]+)?");

    private OwnNames() {}

    /** Renames a whole build. */
    public static void give(Path directory) throws IOException {
        List<Path> files = libraries(directory);
        TreeMap<String, String> names = names(files);
        for (Path file : files) {
            rename(file, names);
        }
    }

    /**
     * Renames a backend that comes from a build of its own: its ggml-base has to be that of the libraries in another
     * directory, byte for byte, and is left out for it.
     */
    public static void giveBeside(Path directory, Path beside) throws IOException {
        List<Path> files = libraries(directory);
        TreeMap<String, String> names = namesBeside(files, beside);
        for (Path file : files) {
            rename(file, names);
        }
        leaveOut(directory, beside, names);
    }

    private static List<Path> libraries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(file -> BINARY.matcher(name(file)).matches())
                    .sorted()
                    .toList();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /** Own names by old ones. */
    private static TreeMap<String, String> names(List<Path> files) throws IOException {
        MessageDigest digest = sha256();
        TreeMap<String, String> names = new TreeMap<>();
        for (Path file : files) {
            if (LIBRARY.matcher(name(file)).matches()) {
                digest.update(Files.readAllBytes(file));
                names.put(name(file), "");
            }
        }
        if (names.size() != 3) {
            throw new IOException("expected one ggml-base, ggml and llama library each, found " + names.keySet());
        }
        String digits = new BigInteger(1, digest.digest()).toString(Character.MAX_RADIX);
        names.replaceAll((old, none) -> ownName(old, "x" + digits.substring(digits.length() - 3)));
        return names;
    }

    /** The own name that ggml-base has in another directory, for the only one of the three that a backend needs. */
    private static TreeMap<String, String> namesBeside(List<Path> files, Path beside) throws IOException {
        TreeMap<String, String> names = new TreeMap<>();
        try (Stream<Path> entries = Files.list(beside)) {
            List<String> there = entries.map(OwnNames::name).toList();
            for (Path file : files) {
                if (LIBRARY.matcher(name(file)).matches()) {
                    Pattern own = Pattern.compile(
                            Pattern.quote(ownName(name(file), "0000")).replace("0000", "\\Ex[0-9a-z]{3}\\Q"));
                    names.put(
                            name(file),
                            there.stream()
                                    .filter(own.asMatchPredicate())
                                    .findFirst()
                                    .orElseThrow(
                                            () -> new IOException("no own name of " + name(file) + " in " + beside)));
                }
            }
        }
        return names;
    }

    private static void leaveOut(Path directory, Path beside, TreeMap<String, String> names) throws IOException {
        for (String own : names.values()) {
            if (Files.mismatch(directory.resolve(own), beside.resolve(own)) >= 0) {
                throw new IOException(beside.resolve(own) + " is of another build than the backend");
            }
            Files.delete(directory.resolve(own));
        }
    }

    /** With a tag of four characters in place of {@code ggml}, or {@code llam}. */
    private static String ownName(String old, String tag) {
        Matcher parts = LIBRARY.matcher(old);
        if (!parts.matches()) {
            throw new IllegalArgumentException(old);
        }
        String prefix = parts.group(1) == null ? "" : parts.group(1);
        return prefix + tag + parts.group(2).substring(tag.length()) + parts.group(3);
    }

    private static void rename(Path file, TreeMap<String, String> names) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        LibraryFile library = LibraryFile.of(bytes, name(file));
        library.seal();
        if (!Arrays.equals(bytes, Files.readAllBytes(file))) {
            throw new IOException(file + ": its signature is not what is made here of the same bytes");
        }
        List<String> seen = new ArrayList<>();
        for (LibraryFile.Name found : library.names()) {
            String leaf = found.text().substring(found.text().lastIndexOf('/') + 1);
            String own = names.get(leaf);
            if (own != null) {
                byte[] replacement = own.getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(replacement, 0, bytes, found.end() - replacement.length, replacement.length);
                seen.add(leaf);
            }
        }
        String own = names.get(name(file));
        if (own != null && !seen.contains(name(file))) {
            throw new IOException(file + ": is not called so inside, but has the names " + library.names());
        }
        if (own == null && seen.isEmpty()) {
            throw new IOException(file + ": needs none of " + names.keySet());
        }
        library.seal();
        Files.write(file, bytes);
        if (own != null) {
            Files.move(file, file.resolveSibling(own));
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }
}
