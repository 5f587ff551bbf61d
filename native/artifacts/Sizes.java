package artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Says how large the artifacts are, and what the library's is made of: its classes by package, compressed as they are,
 * and what the jar itself needs.
 *
 * <p>{@code java native/artifacts/Sizes.java DIRECTORY LIBRARY}: where the jars lie, and the name of the library's.
 */
public final class Sizes {

    private static final String PACKAGE = "io/github/expogguf/";

    private Sizes() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Path library = directory.resolve(arguments[1]);
        String name = arguments[1].replaceFirst("\\.jar$", "");
        for (Path jar : jars(directory)) {
            String file = jar.getFileName().toString();
            if (file.startsWith(name) || file.equals("expo-gguf.jar")) {
                print(Files.size(jar), file);
            }
        }
        System.out.println("\n" + library.getFileName() + " is made of");
        TreeMap<String, Long> parts = parts(library);
        parts.put("names and directory of the jar", Files.size(library) - sum(parts));
        parts.entrySet().stream()
                .sorted(Collections.reverseOrder(Map.Entry.comparingByValue()))
                .forEach(part -> print(part.getValue(), part.getKey()));
    }

    private static List<Path> jars(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static TreeMap<String, Long> parts(Path library) throws IOException {
        TreeMap<String, Long> parts = new TreeMap<>();
        try (JarFile jar = new JarFile(library.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                parts.merge(part(entry.getName()), entry.getCompressedSize(), Long::sum);
            }
        }
        return parts;
    }

    /** The package below the library's own, without what is below that. */
    private static String part(String entry) {
        if (!entry.startsWith(PACKAGE)) {
            return "others";
        }
        String[] names = entry.substring(PACKAGE.length()).split("/");
        if (names.length == 1) {
            return "others";
        }
        return names[0].equals("infer") && names.length > 2 ? names[0] + "." + names[1] : names[0];
    }

    private static long sum(TreeMap<String, Long> parts) {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void print(long bytes, String what) {
        System.out.printf(Locale.ROOT, "%9.3f MB  %s%n", bytes / 1e6, what);
    }
}
