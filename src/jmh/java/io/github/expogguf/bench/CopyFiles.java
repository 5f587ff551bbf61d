package io.github.expogguf.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads two files and writes the bytes of the second to a third, flushed: what no program that extrapolates can do
 * without.
 */
final class CopyFiles {

    private static final int BUFFER_BYTES = 1 << 20;

    private CopyFiles() {}

    /** Arguments: two inputs, output. */
    public static void main(String[] arguments) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (FileChannel first = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.READ);
                FileChannel second = FileChannel.open(Path.of(arguments[1]), StandardOpenOption.READ);
                FileChannel output = FileChannel.open(
                        Path.of(arguments[2]),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            while (first.read(buffer.clear()) >= 0) {}
            while (second.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    output.write(buffer);
                }
            }
            output.force(true);
        }
    }
}
