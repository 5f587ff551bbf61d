package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A GGUF file that is to be written, planned to the byte: header, place of every tensor, total size. Version 3; the
 * alignment is the one that the metadata states ({@code general.alignment}), else 32, and every offset is computed from
 * it. Zeros belong between the data of a tensor and the next, and after the last. Immutable.
 *
 * <p>Whatever can be laid out here can be read by {@link GgufReader} and by ggml.
 */
public final class GgufLayout {

    private final Metadata metadata;
    private final int alignment;
    private final List<TensorInfo> tensors;
    private final long headerBytes; // without padding
    private final long fileBytes;

    private GgufLayout(Metadata metadata, int alignment, List<TensorInfo> tensors, long headerBytes, long fileBytes) {
        this.metadata = metadata;
        this.alignment = alignment;
        this.tensors = tensors;
        this.headerBytes = headerBytes;
        this.fileBytes = fileBytes;
    }

    /**
     * Lays out a file.
     *
     * @param metadata metadata of a model's file
     * @param specs    the tensors, in the order of their data
     * @return where everything goes
     * @throws IllegalArgumentException if it would break a rule of {@link GgufLimits}
     */
    public static GgufLayout of(Metadata metadata, List<TensorSpec> specs) {
        Objects.requireNonNull(metadata, "metadata");
        Elements.require(specs, "specs");
        int alignment = alignment(metadata);
        List<TensorInfo> tensors = new ArrayList<>(specs.size());
        Set<String> names = HashSet.newHashSet(specs.size());
        long offset = 0;
        for (TensorSpec spec : specs) {
            if (!names.add(spec.name())) {
                throw new IllegalArgumentException("tensor " + Escape.quote(spec.name()) + " appears twice");
            }
            TensorInfo tensor = new TensorInfo(spec.name(), spec.type(), spec.shape(), offset);
            offset = end(tensor, alignment);
            tensors.add(tensor);
        }
        long headerBytes = HeaderEncoder.length(metadata, tensors);
        long fileBytes = Math.addExact(GgufLimits.pad(headerBytes, alignment), offset);
        return new GgufLayout(metadata, alignment, List.copyOf(tensors), headerBytes, fileBytes);
    }

    private static long end(TensorInfo tensor, int alignment) {
        try {
            return Math.addExact(tensor.offset(), GgufLimits.pad(tensor.byteCount(), alignment));
        } catch (IllegalArgumentException | ArithmeticException failure) {
            throw new IllegalArgumentException(
                    "tensor " + Escape.quote(tensor.name()) + ": " + failure.getMessage(), failure);
        }
    }

    /** The alignment of a file with this metadata. */
    static int alignment(Metadata metadata) {
        MetadataValue value = metadata.get(GgufLimits.ALIGNMENT_KEY).orElse(null);
        if (value == null) {
            return GgufLimits.DEFAULT_ALIGNMENT;
        }
        if (value.type() != MetadataType.UINT32 || !GgufLimits.isAlignment(value.asLong())) {
            throw new IllegalArgumentException(GgufLimits.ALIGNMENT_KEY + " is " + value.typeName() + " " + value
                    + ", expected a power of two from 1 to " + GgufLimits.MAX_ALIGNMENT + " as UINT32");
        }
        return (int) value.asLong();
    }

    /**
     * {@return the same file with other metadata whose header takes as many bytes: for digests that are known at the
     * end}
     *
     * @param replacement of the same length when encoded
     */
    public GgufLayout withMetadata(Metadata replacement) {
        Objects.requireNonNull(replacement, "replacement");
        long replacementBytes = HeaderEncoder.length(replacement, tensors);
        if (replacementBytes != headerBytes || alignment(replacement) != alignment) {
            throw new IllegalArgumentException("header of " + replacementBytes + " bytes and alignment "
                    + alignment(replacement) + ", expected " + headerBytes + " and " + alignment);
        }
        return new GgufLayout(replacement, alignment, tensors, headerBytes, fileBytes);
    }

    /** {@return the key/value pairs} */
    public Metadata metadata() {
        return metadata;
    }

    /** {@return bytes to which the data section and every tensor are aligned} */
    public int alignment() {
        return alignment;
    }

    /** {@return the tensors with their offsets in the data section} */
    public List<TensorInfo> tensors() {
        return tensors;
    }

    /** {@return the byte offset of the data section, which is the size of {@link #header}} */
    public long dataOffset() {
        return GgufLimits.pad(headerBytes, alignment);
    }

    /**
     * {@return the byte offset in the file at which the data of a tensor begins}
     *
     * @param tensorIndex number of the tensor in the file, from 0
     */
    public long fileOffset(int tensorIndex) {
        return dataOffset() + tensors.get(tensorIndex).offset();
    }

    /**
     * {@return zero bytes that follow the data of a tensor}
     *
     * @param tensorIndex number of the tensor in the file, from 0
     */
    public int paddingBytes(int tensorIndex) {
        return (int) (-tensors.get(tensorIndex).byteCount() & (alignment - 1));
    }

    /** {@return bytes of the whole file, padding of the last tensor included} */
    public long fileBytes() {
        return fileBytes;
    }

    /**
     * {@return everything before the data section: magic number, counts, pairs, tensor table, zeros up to the
     * alignment}
     *
     * @param arena where the {@link #dataOffset} bytes are allocated
     */
    public MemorySegment header(Arena arena) {
        Objects.requireNonNull(arena, "arena");
        MemorySegment header = arena.allocate(dataOffset());
        HeaderEncoder.encode(metadata, tensors, header.asByteBuffer());
        return header;
    }
}
