package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The validated header of one GGUF file; see {@link GgufLimits} for what that means.
 *
 * @param path       the file
 * @param version    2 or 3
 * @param alignment  bytes, a power of two
 * @param metadata   key/value pairs
 * @param tensors    tensors in the order of the file; their data lies inside the file
 * @param dataOffset byte offset of the data section; of the end of the header where there are no tensors
 * @param fileBytes  size of the file when it was read
 */
public record GgufFile(
        Path path,
        int version,
        int alignment,
        Metadata metadata,
        List<TensorInfo> tensors,
        long dataOffset,
        long fileBytes) {

    /** Copies the list. */
    public GgufFile {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(metadata, "metadata");
        tensors = Elements.copy(tensors, "tensors");
    }

    /**
     * {@return the byte offset in the file at which the data of a tensor of this file begins}
     *
     * @param tensor a tensor of this file
     */
    public long fileOffset(TensorInfo tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return Math.addExact(dataOffset, tensor.offset());
    }

    /**
     * {@return bytes behind the padded data of the last tensor, which mean nothing to any reader; 0 in a regular file}
     */
    public long trailingBytes() {
        if (tensors.isEmpty()) {
            return fileBytes - Math.min(fileBytes, GgufLimits.pad(dataOffset, alignment));
        }
        long end = fileOffset(tensors.getLast()) + tensors.getLast().byteCount();
        return Math.max(0, fileBytes - GgufLimits.pad(end, alignment));
    }
}
