package io.github.expogguf.gguf;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the tensor table of a header and checks that the data of the tensors is laid out without gap or overlap. */
final class TensorReader {

    /** Length and one byte of name, number of dimensions, one dimension, type, offset. */
    static final int MIN_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

    private final HeaderSource source;
    private final int alignment;
    private long nextOffset;

    TensorReader(HeaderSource source, int alignment) {
        this.source = source;
        this.alignment = alignment;
    }

    List<TensorInfo> read(int count) throws IOException {
        List<TensorInfo> tensors = new ArrayList<>(count);
        Set<String> names = HashSet.newHashSet(count);
        for (int index = 0; index < count; index++) {
            source.subject("tensor " + index);
            String name =
                    MetadataReader.readName(source, "name", GgufLimits.MAX_TENSOR_NAME_BYTES, GgufLimits.WHOSE_NAMES);
            source.subject("tensor " + Escape.quote(name));
            if (!names.add(name)) {
                throw source.problem(0, "appears twice");
            }
            tensors.add(readTensor(name));
        }
        source.subject("");
        return tensors;
    }

    private TensorInfo readTensor(String name) throws IOException {
        Shape shape = readShape();
        GgmlType type = readType();
        if (shape.rowLength() % type.blockSize() != 0) {
            throw source.problem(
                    4,
                    "row length " + shape.rowLength() + " is not a multiple of " + type.blockSize() + " (block size of "
                            + type + ")");
        }
        long offset = source.readLong("offset");
        if (offset != nextOffset) {
            throw source.problem(
                    8,
                    "offset " + Long.toUnsignedString(offset) + ", expected " + nextOffset
                            + " (end of the tensor before it, padded to " + alignment + ")");
        }
        TensorInfo tensor = new TensorInfo(name, type, shape, offset);
        try {
            nextOffset = Math.addExact(offset, GgufLimits.pad(tensor.byteCount(), alignment));
        } catch (ArithmeticException overflow) {
            throw source.problem(8, "data of " + shape + " values of " + type + " ends beyond 2^63 bytes");
        }
        return tensor;
    }

    private Shape readShape() throws IOException {
        int rank = source.readInt("number of dimensions");
        if (rank < 1 || rank > Shape.MAX_DIMENSIONS) {
            throw source.problem(
                    4,
                    Integer.toUnsignedString(rank) + " dimensions, expected 1 to " + Shape.MAX_DIMENSIONS
                            + (rank == 0 ? "" : ", " + GgufLimits.WHOSE_DIMENSIONS));
        }
        long[] dimensions = new long[rank];
        for (int i = 0; i < rank; i++) {
            dimensions[i] = source.readLong("dimension " + i);
            if (dimensions[i] < 1) {
                throw source.problem(
                        8,
                        "dimension " + i + " is " + Long.toUnsignedString(dimensions[i]) + ", expected 1 to 2^63 - 1");
            }
        }
        try {
            return new Shape(dimensions);
        } catch (ArithmeticException overflow) {
            throw tooManyElements(dimensions);
        }
    }

    private GgufFormatException tooManyElements(long[] dimensions) {
        StringBuilder product = new StringBuilder();
        for (long dimension : dimensions) {
            product.append(product.isEmpty() ? "" : "x").append(dimension);
        }
        return source.problem(8L * dimensions.length, "shape " + product + " has 2^63 elements or more");
    }

    private GgmlType readType() throws IOException {
        int id = source.readInt("type");
        return GgmlType.byId(id).orElseThrow(() -> source.problem(4, UnknownType.describe(id)));
    }
}
