package io.github.expogguf.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * An archive of the classes that a command loads (CDS), in the user's cache. The JVM that runs a command for the first
 * time writes it when it ends; later ones map it instead of reading and checking classes. It is a convenience and no
 * more: without a cache there is none, and nothing that goes wrong with it is an error.
 */
final class ClassArchive {

    private static final List<String> VARIABLES =
            Arrays.asList("EXPO_GGUF_JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");
    private static final String END = ".jsa";

    private final Path directory;
    private final String program; // begins the names of all archives of a command of this jar, as it changes
    private final Path file;
    private final Path unfinished;

    private ClassArchive(Path directory, String program, String version) {
        this.directory = directory;
        this.program = program;
        this.file = directory.resolve(program + version + END);
        this.unfinished = directory.resolve(program + Long.toHexString(System.nanoTime()) + ".part");
    }

    /**
     * That of this jar for a Java 25 or newer.
     *
     * @param command its name, since each loads its own classes
     * @return null where there is no cache or others can write it, where the JDK has no archive of its own classes that
     *     this one could stand on, or where the user gives the JVM options of the kind that decide whether archives fit
     */
    static ClassArchive of(Path javaHome, String command) {
        Path cache = cache(System.getProperty("os.name"), System::getProperty, System::getenv);
        Path jar = new File(System.getProperty("java.class.path"))
                .getAbsoluteFile()
                .toPath();
        Path base = javaHome.resolve(JavaSearch.isWindows() ? "bin" : "lib").resolve("server/classes.jsa");
        boolean hasOptions =
                VARIABLES.stream().map(System::getenv).anyMatch(options -> options != null && options.contains("-X"));
        if (!command.matches("[a-z-]+")
                || hasOptions
                || cache == null
                || !Files.isDirectory(cache)
                || !Files.isWritable(cache)) {
            return null;
        }
        try {
            if (!isOwn(cache)) {
                return null;
            }
            String program = "classes-"
                    + Integer.toHexString(Arrays.asList(javaHome, jar).hashCode()) + "-";
            Object version = Arrays.asList(state(jar), state(base)); // a file that is missing ends it
            return new ClassArchive(cache, program, Integer.toHexString(version.hashCode()));
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether nobody else can put an archive there; the caches of Windows are the user's own. */
    private static boolean isOwn(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return true;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        return Files.getOwner(directory).getName().equals(System.getProperty("user.name"))
                && !permissions.contains(PosixFilePermission.GROUP_WRITE)
                && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
    }

    private static List<Object> state(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        return Arrays.asList(time, Files.size(file));
    }

    /** For the JVM of a command; its log would name every class that cannot be archived. */
    List<String> options() {
        return Arrays.asList(
                Files.exists(file) ? "-XX:SharedArchiveFile=" + file : "-XX:ArchiveClassesAtExit=" + unfinished,
                "-Xlog:disable");
    }

    /** Keeps what the JVM of a command that ended well has written, in place of what other builds have left. */
    void keep(boolean endedWell) {
        try {
            if (!endedWell) {
                Files.deleteIfExists(unfinished);
            }
            if (!Files.exists(unfinished)) {
                return;
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            try (DirectoryStream<Path> others = Files.newDirectoryStream(directory, program + "*")) {
                for (Path other : others) {
                    if (!other.equals(file)) {
                        Files.deleteIfExists(other);
                    }
                }
            }
        } catch (IOException e) {
            // the next command writes it again
        }
    }

    /** Where the libraries are unpacked, which makes that directory and sees to it that it is the user's own. */
    static Path cache(String system, UnaryOperator<String> property, UnaryOperator<String> environment) {
        String named = property.apply("expo.gguf.cache");
        named = named == null ? environment.apply("EXPO_GGUF_CACHE") : named;
        if (named != null && !named.isEmpty()) {
            return Paths.get(named);
        }
        boolean isWindows = system.startsWith("Windows");
        boolean isMac = system.startsWith("Mac");
        String base = isMac ? null : environment.apply(isWindows ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
        if (base != null && Paths.get(base).isAbsolute()) {
            return Paths.get(base, "expo-gguf");
        }
        String home = property.apply("user.home");
        return home == null || !Paths.get(home).isAbsolute()
                ? null
                : Paths.get(home, isWindows ? "AppData/Local" : isMac ? "Library/Caches" : ".cache", "expo-gguf");
    }
}
