package io.github.expogguf.nativelib;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The per-user directory that libraries are unpacked into, and whether it can be trusted with them. */
final class CacheDirectory {

    static final String PROPERTY = "expo.gguf.cache";
    static final String VARIABLE = "EXPO_GGUF_CACHE";

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private CacheDirectory() {}

    /**
     * Where it is: what is named by property or environment, or this platform's usual place.
     *
     * @param property    {@code System::getProperty}
     * @param environment {@code System::getenv}
     */
    static Path locate(Platform platform, UnaryOperator<String> property, UnaryOperator<String> environment)
            throws IOException {
        String named = property.apply(PROPERTY) != null ? property.apply(PROPERTY) : environment.apply(VARIABLE);
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        return usual(platform, property.apply("user.home"), environment).resolve("expo-gguf");
    }

    private static Path usual(Platform platform, String home, UnaryOperator<String> environment) throws IOException {
        // the XDG base directory specification asks to ignore a relative path
        String variable = platform.isWindows() ? "LOCALAPPDATA" : platform.isMac() ? "" : "XDG_CACHE_HOME";
        String base = variable.isEmpty() ? null : environment.apply(variable);
        if (base != null && Path.of(base).isAbsolute()) {
            return Path.of(base);
        }
        if (home == null || !Path.of(home).isAbsolute()) {
            throw new IOException("this user has no home directory to unpack into; set " + VARIABLE);
        }
        return Path.of(home)
                .resolve(platform.isWindows() ? "AppData/Local" : platform.isMac() ? "Library/Caches" : ".cache");
    }

    /** Creates the directory if it is missing, for this user alone, and refuses one that others can change. */
    static void prepare(Path directory) throws IOException {
        try {
            if (hasPosixPermissions(directory)) {
                Path parent = directory.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                if (!Files.isDirectory(directory)) {
                    Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                }
            } else {
                Files.createDirectories(directory);
            }
        } catch (IOException e) {
            throw new IOException("cannot create " + directory + " to unpack into (" + e + "); set " + VARIABLE, e);
        }
        requireOwn(directory);
    }

    /** Creates an empty file that its owner alone can write, whatever the umask: many systems let the group write. */
    static void createFile(Path file) throws IOException {
        if (hasPosixPermissions(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
        }
    }

    /**
     * Refuses a file or directory that another user owns or may write: whoever can change a library there runs code as
     * this user. Windows keeps a profile's directories to their user by itself.
     */
    static void requireOwn(Path path) throws IOException {
        if (!hasPosixPermissions(path)) {
            return;
        }
        int owner = (Integer) Files.getAttribute(path, "unix:uid");
        if (owner != 0 && owner != userId()) {
            throw new IOException(path + " belongs to user id " + owner + ", not to " + userId());
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new IOException(path + " can be written by others (" + PosixFilePermissions.toString(permissions)
                    + "): chmod go-w it, or delete it");
        }
    }

    /** Refuses links: what they point to was not checked. */
    static boolean isPlainFile(Path path, long bytes) throws IOException {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.size(path) == bytes;
    }

    private static boolean hasPosixPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    @SuppressWarnings("restricted") // the JDK knows this number and does not say it
    private static int userId() {
        Linker linker = Linker.nativeLinker();
        try {
            return (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("geteuid"), FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException("geteuid cannot fail", e);
        }
    }
}
