package artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** What goes into a jar: by name, so that the same files always make the same bytes. */
final class JarEntries {

    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private final TreeMap<String, byte[]> entries = new TreeMap<>();

    void add(String name, byte[] bytes) {
        entries.put(name, bytes);
    }

    /** Adds the files of a directory and below, with a prefix to their names. */
    void addAll(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                add(prefix + directory.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
    }

    /**
     * Writes the manifest, where there is one, and then all others by name.
     *
     * @param time that all entries get, as {@code 2026-01-01T00:00:00Z}
     */
    void write(Path jar, String time) throws IOException {
        LocalDateTime local = LocalDateTime.ofInstant(Instant.parse(time), ZoneOffset.UTC);
        Files.createDirectories(jar.toAbsolutePath().getParent());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            byte[] manifest = entries.remove(MANIFEST);
            if (manifest != null) { // which is looked for at the beginning
                put(out, MANIFEST, manifest, local);
            }
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(out, entry.getKey(), entry.getValue(), local);
            }
        }
    }

    private static void put(JarOutputStream out, String name, byte[] bytes, LocalDateTime time) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTimeLocal(time);
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }
}
