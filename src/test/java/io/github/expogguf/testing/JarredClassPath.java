package io.github.expogguf.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/** The class path of this JVM with jars in place of directories, as users have it. */
public final class JarredClassPath {

    private JarredClassPath() {}

    /**
     * Makes it.
     *
     * @param jars    where the jars go
     * @param folders what of a directory goes into its jar, where it is there
     */
    public static String make(Path jars, List<String> folders) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry).toAbsolutePath();
            entries.add((Files.isDirectory(path) ? jar(path, jars, folders) : path).toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path jar(Path classes, Path jars, List<String> folders) throws IOException {
        Path jar = Files.createTempFile(jars, "classes", ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.setLevel(Deflater.BEST_SPEED);
            for (String folder : folders) {
                if (Files.isDirectory(classes.resolve(folder))) {
                    add(classes.resolve(folder).toRealPath(), folder, out);
                }
            }
        }
        return jar;
    }

    private static void add(Path root, String folder, JarOutputStream out) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString().replace(File.separatorChar, '/');
                out.putNextEntry(new JarEntry(folder + "/" + name));
                Files.copy(file, out);
            }
        }
    }
}
