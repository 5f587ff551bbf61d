package io.github.expogguf.gguf;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * What shows that a file was replaced or written to.
 *
 * @param size     bytes
 * @param modified time of the last write
 * @param key      inode and device; null where the file system has none
 */
public record FileIdentity(long size, FileTime modified, Object key) {
    /** Refuses null. */
    public FileIdentity {
        Objects.requireNonNull(modified, "modified");
        Objects.requireNonNull(key, "key");
    }

    /**
     * {@return the file as it is now}
     *
     * @param path a file
     * @throws IOException if a file cannot be read
     */
    public static FileIdentity of(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new FileIdentity(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }

    /**
     * Checks that the file is still this one.
     *
     * @param path a file
     * @throws FileSystemException that says what changed: it is gone, was replaced, has another size or was written to
     */
    public void check(Path path) throws IOException {
        FileIdentity now;
        try {
            now = of(path);
        } catch (NoSuchFileException gone) {
            throw changed(path, "it is gone");
        }
        if (key != null && !key.equals(now.key)) {
            throw changed(path, "another file has its name now");
        }
        if (size != now.size) {
            throw changed(path, "it has " + now.size + " bytes, and had " + size);
        }
        if (!modified.equals(now.modified)) {
            throw changed(path, "it was written to");
        }
    }

    private static FileSystemException changed(Path path, String how) {
        return new FileSystemException(path.toString(), null, "changed while it was in use: " + how);
    }
}
