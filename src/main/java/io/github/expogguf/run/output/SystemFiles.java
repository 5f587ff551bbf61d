package io.github.expogguf.run.output;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The file system as it is. */
public final class SystemFiles implements FileSystem {

    /** The only one; there is no state. */
    public static final FileSystem INSTANCE = new SystemFiles();

    private SystemFiles() {}

    private record ChannelHandle(FileChannel channel) implements Handle {

        @Override
        public int write(ByteBuffer bytes, long offset) throws IOException {
            return channel.write(bytes, offset);
        }

        @Override
        public int read(ByteBuffer bytes, long offset) throws IOException {
            return channel.read(bytes, offset);
        }

        @Override
        public void force(boolean withMetadata) throws IOException {
            channel.force(withMetadata);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public boolean tryLock() throws IOException {
            try {
                return channel.tryLock() != null;
            } catch (OverlappingFileLockException _) {
                return false;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static Handle open(Path path, OpenOption... options) throws IOException {
        return new ChannelHandle(FileChannel.open(path, options));
    }

    @Override
    public Handle create(Path path) throws IOException {
        return open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public Handle open(Path path) throws IOException {
        return open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public Handle openReadOnly(Path path) throws IOException {
        return open(path, StandardOpenOption.READ);
    }

    @Override
    public GgufFile readHeader(Path path, Metadata expected) throws IOException {
        return GgufReader.read(path, expected);
    }

    @Override
    public void link(Path link, Path existing) throws IOException {
        Files.createLink(link, existing);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    /** Windows has no such operation. */
    @Override
    public void flushDirectory(Path directory) throws IOException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes(FileStore store) throws IOException {
        return store.getUsableSpace();
    }
}
