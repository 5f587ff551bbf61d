package io.github.expogguf.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An open model that tensors are read from: a GGUF file or set, or files of another format that are seen as one. Any
 * number of threads may read at once.
 */
public interface SourceModel extends AutoCloseable {

    /** {@return metadata and tensors, as a GGUF file has them} */
    ModelHeader header();

    /** {@return all files that something is read from, in a fixed order} */
    List<SourceFile> sources();

    /** {@return the GGUF files among them} */
    List<GgufFile> ggufFiles();

    /**
     * Where the data of a tensor is.
     *
     * @param file     index in {@link #sources}
     * @param position of its first byte in that file
     */
    record Place(int file, long position) {}

    /**
     * {@return where the bytes of a tensor are, as {@link #read} gives them; empty if they are made of others}
     *
     * @param tensor a tensor of this model
     * @throws IllegalArgumentException if the tensor is not of this model
     */
    Optional<Place> place(TensorInfo tensor);

    /**
     * Reads part of the data of a tensor.
     *
     * @param tensor     tensor of {@link #header}
     * @param byteOffset first byte, counted from the start of the tensor's data
     * @param target     off-heap segment or segment over a byte array, fully overwritten; its size is the number of
     *                   bytes read
     * @throws IndexOutOfBoundsException if that reaches outside the tensor
     * @throws IOException               if a file cannot be read or has become shorter
     */
    void read(TensorInfo tensor, long byteOffset, MemorySegment target) throws IOException;

    /**
     * Checks that every file still has the size, the time of modification and the identity that it had when it was
     * opened.
     *
     * @throws IOException that names the file which is gone, was replaced or was written to
     */
    void checkUnchanged() throws IOException;

    /**
     * For what went wrong while this model was in use: where one of its files has changed, that is what to tell.
     *
     * @param failure what went wrong
     * @throws IOException as of {@link #checkUnchanged}, with the failure as a suppressed one
     */
    default void checkUnchangedAfter(Throwable failure) throws IOException {
        Objects.requireNonNull(failure, "failure");
        try {
            checkUnchanged();
        } catch (IOException changed) {
            changed.addSuppressed(failure);
            throw changed;
        }
    }

    /** Closes every file; later reads fail. */
    @Override
    void close() throws IOException;
}
