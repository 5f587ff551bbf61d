package io.github.expogguf.gguf;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What shows that a file was replaced or written to.
 *
 * @param size     bytes
 * @param modified time of the last write
 * @param key      inode and device; null where the file system has none
 */
record FileIdentity(long size, FileTime modified, Object key) {

    static FileIdentity of(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new FileIdentity(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }

    /** Throws if the file is gone, replaced or written to. */
    void check(Path path) throws IOException {
        if (!of(path).equals(this)) {
            throw new FileSystemException(path.toString(), null, "changed while it was in use");
        }
    }
}
