package io.github.expogguf.run.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The deltas of low rank that tensors are extrapolated by, as factors: in a temporary file, so that memory does not
 * grow with the model, and kept for further alphas until this is closed. Any thread may call.
 */
public final class LowRankDeltas implements AutoCloseable {

    private static final String TEMPORARY = "java.io.tmpdir";

    private final Map<Key, Place> places = new ConcurrentHashMap<>();
    private @Nullable FileChannel file; // from the first factors on
    private long size;

    /** Of a matrix; the factors of another rank are others. */
    private record Key(String tensor, int rank, long matrix) {}

    /** Where the left factor begins; the right one follows. */
    private record Place(long offset, int leftElements, int rightElements) {}

    /** Whether the factors of a tensor are here. */
    public boolean has(String tensor, int rank) {
        return places.containsKey(new Key(tensor, rank, 0));
    }

    /**
     * Takes the factors of one matrix.
     *
     * @param left  rank values for every row
     * @param right rank rows
     */
    public synchronized void put(String tensor, int rank, long matrix, float[] left, float[] right) throws IOException {
        if (file == null) {
            file = open();
        }
        try {
            write(file, left, size);
            write(file, right, size + Float.BYTES * (long) left.length);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw unwritten(e);
        }
        places.put(new Key(tensor, rank, matrix), new Place(size, left.length, right.length));
        size += Float.BYTES * ((long) left.length + right.length);
    }

    /** Some rows of the left factor. */
    float[] left(String tensor, int rank, long matrix, long firstRow, int rowCount) throws IOException {
        Place place = place(tensor, rank, matrix);
        return read(place.offset + Float.BYTES * firstRow * rank, rowCount * rank);
    }

    /** The whole right factor. */
    float[] right(String tensor, int rank, long matrix) throws IOException {
        Place place = place(tensor, rank, matrix);
        return read(place.offset + Float.BYTES * (long) place.leftElements, place.rightElements);
    }

    private Place place(String tensor, int rank, long matrix) {
        return Objects.requireNonNull(places.get(new Key(tensor, rank, matrix)), "not factored");
    }

    private static FileChannel open() throws IOException {
        try {
            Path path = Files.createTempFile("expo-gguf-", ".factors");
            return FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private static FileSystemException unwritten(IOException e) {
        FileSystemException unwritten = new FileSystemException(
                System.getProperty(TEMPORARY),
                null,
                "the factors of the deltas could not be written there: " + e.getMessage() + "; the system property "
                        + TEMPORARY + " (JAVA_TOOL_OPTIONS=-D" + TEMPORARY + "=DIR) names another directory");
        unwritten.initCause(e);
        return unwritten;
    }

    private static void write(FileChannel file, float[] values, long offset) throws IOException {
        ByteBuffer bytes = buffer(values.length);
        bytes.asFloatBuffer().put(values);
        while (bytes.hasRemaining()) {
            file.write(bytes, offset + bytes.position());
        }
    }

    private float[] read(long offset, int count) throws IOException {
        FileChannel channel;
        synchronized (this) {
            channel = Objects.requireNonNull(file, "nothing is factored");
        }
        ByteBuffer bytes = buffer(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new IOException("the temporary file of the factors ends early");
            }
        }
        float[] values = new float[count];
        bytes.flip().asFloatBuffer().get(values);
        return values;
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, floats))
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
