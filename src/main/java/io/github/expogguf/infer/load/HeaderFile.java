package io.github.expogguf.infer.load;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.GgufLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/** A file of a model's full length that holds its header and a hole. */
public final class HeaderFile {

    private HeaderFile() {}

    /** Makes the file for as long as somebody looks at it. */
    public static void with(GgufLayout layout, Consumer<Path> use) {
        try {
            Path directory = Files.createTempDirectory("expo-gguf-header");
            Path file = directory.resolve("header.gguf");
            try {
                write(layout, file);
                use.accept(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (ClosedByInterruptException e) {
            throw (CancelledException) new CancelledException("interrupted").initCause(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(GgufLayout layout, Path file) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            write(channel, layout.header(arena).asByteBuffer(), 0);
            if (layout.fileBytes() > channel.size()) {
                write(channel, ByteBuffer.allocate(1), layout.fileBytes() - 1);
            }
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, long offset) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer, offset + buffer.position());
        }
    }
}
