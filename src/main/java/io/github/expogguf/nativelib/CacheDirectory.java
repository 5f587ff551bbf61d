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

/** The per-user directory that libraries are unpacked into, and whether it can be trusted with them. */
final class CacheDirectory {

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private CacheDirectory() {}

    /**
     * Creates the directory if it is missing, for this user alone; in a place that others can write, one of its own
     * inside. Refuses one that others can change.
     */
    static Path prepare(CachePlaces.Place place) throws IOException {
        Path directory = place.directory();
        create(directory);
        if (!place.isShared() && !isForOthers(directory)) {
            requireOwn(directory);
            return directory;
        }
        requireTrustedOwner(directory); // who could put another directory in the place of what is inside
        Path inside = directory.resolve(privateName(directory));
        create(inside);
        if (!Files.isDirectory(inside, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(inside + " is no directory");
        }
        requireOwn(inside);
        return inside;
    }

    private static void create(Path directory) throws IOException {
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
            throw new IOException("cannot create " + directory + " to unpack into (" + e + ")", e);
        }
    }

    /** Refuses a directory in which this user cannot create files. */
    static void requireWritable(Path directory) throws IOException {
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + " cannot be written to unpack into it");
        }
    }

    /** The same each time, so that libraries are unpacked once; that others know it does not help them. */
    private static String privateName(Path directory) {
        return hasPosixPermissions(directory) ? "expo-gguf-" + userId() : "expo-gguf";
    }

    private static boolean isForOthers(Path directory) throws IOException {
        return hasPosixPermissions(directory)
                && Files.getPosixFilePermissions(directory).stream().anyMatch(OTHERS_WRITE::contains);
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
        requireTrustedOwner(path);
        if (isForOthers(path)) {
            throw new IOException(path + " can be written by others ("
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
                    + "): chmod go-w it, or delete it");
        }
    }

    private static void requireTrustedOwner(Path path) throws IOException {
        if (!hasPosixPermissions(path)) {
            return;
        }
        int owner = (Integer) Files.getAttribute(path, "unix:uid");
        if (owner != 0 && owner != userId()) {
            throw new IOException(path + " belongs to user id " + owner + ", not to " + userId());
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
