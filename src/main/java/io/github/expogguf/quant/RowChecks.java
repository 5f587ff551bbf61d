package io.github.expogguf.quant;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.Unmapped;
import java.lang.foreign.MemorySegment;

/**
 * What must hold before any row reaches a kernel; ggml checks little of it and aborts or overruns where it does not.
 */
final class RowChecks {

    private RowChecks() {}

    /** Returns the number of values. */
    static long dequantize(GgmlType type, long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        Sizes sizes = sizes(type, rowLength, rowCount);
        source(type, source, sizes.packedBytes);
        target(type, target, sizes.floatBytes);
        disjoint(type, source.asSlice(0, sizes.packedBytes), target.asSlice(0, sizes.floatBytes));
        floatAlignment(type, "target", target);
        return sizes.count;
    }

    /** Returns the number of values. Does not look at the values. */
    static long quantize(
            GgmlType type,
            long rowLength,
            long rowCount,
            MemorySegment source,
            MemorySegment importance,
            MemorySegment target) {
        Sizes sizes = sizes(type, rowLength, rowCount);
        source(type, source, sizes.floatBytes);
        target(type, target, sizes.packedBytes);
        disjoint(type, source.asSlice(0, sizes.floatBytes), target.asSlice(0, sizes.packedBytes));
        floatAlignment(type, "source", source);
        if (isPresent(importance)) {
            importance(type, rowLength, importance);
            disjoint(type, importance, target.asSlice(0, sizes.packedBytes));
        }
        return sizes.count;
    }

    static boolean isPresent(MemorySegment importance) {
        return !importance.equals(MemorySegment.NULL);
    }

    /**
     * The values that a type cannot hold.
     *
     * @param found infinities and NaN among the values, before or after the conversion
     */
    static void finite(GgmlType type, long found, long count) {
        if (found != 0) {
            throw new NonFiniteException(found + " of " + count + " values are infinite or NaN"
                    + (type == GgmlType.F16 ? " as F16, which ends at 65504" : " as " + type));
        }
    }

    private static void importance(GgmlType type, long rowLength, MemorySegment importance) {
        isNative(type, "importance", importance);
        long bytes = rowLength * Float.BYTES; // checked with the sizes of the rows
        if (importance.byteSize() != bytes) {
            throw new IllegalArgumentException(type + ": importance has " + importance.byteSize() + " bytes, expected "
                    + bytes + " (one float for each of " + rowLength + " columns)");
        }
        floatAlignment(type, "importance", importance);
    }

    private record Sizes(long count, long floatBytes, long packedBytes) {}

    private static Sizes sizes(GgmlType type, long rowLength, long rowCount) {
        if (rowLength <= 0) {
            throw new IllegalArgumentException(type + ": row length " + rowLength + " is not positive");
        }
        if (rowCount <= 0) {
            throw new IllegalArgumentException(type + ": row count " + rowCount + " is not positive");
        }
        try {
            long count = Math.multiplyExact(rowLength, rowCount);
            long floatBytes = Math.multiplyExact(count, (long) Float.BYTES);
            return new Sizes(count, floatBytes, Math.multiplyExact(type.rowBytes(rowLength), rowCount));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    type + ": " + rowCount + " rows of " + rowLength + " are more than a segment holds", e);
        }
    }

    private static void source(GgmlType type, MemorySegment source, long bytes) {
        isNative(type, "source", source);
        if (source.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    type + ": source has " + source.byteSize() + " bytes, expected at least " + bytes);
        }
    }

    private static void target(GgmlType type, MemorySegment target, long bytes) {
        isNative(type, "target", target);
        if (target.isReadOnly()) {
            throw new IllegalArgumentException(type + ": target is read-only");
        }
        if (target.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    type + ": target has " + target.byteSize() + " bytes, expected at least " + bytes);
        }
    }

    private static void isNative(GgmlType type, String name, MemorySegment segment) {
        Unmapped.require(type + ": " + name, segment);
        if (!segment.isNative() || segment.address() == 0) {
            throw new IllegalArgumentException(type + ": " + name + " is not a native segment");
        }
    }

    private static void floatAlignment(GgmlType type, String name, MemorySegment floats) {
        if (floats.address() % Float.BYTES != 0) {
            throw new IllegalArgumentException(type + ": " + name + " is not aligned to 4 bytes");
        }
    }

    private static void disjoint(GgmlType type, MemorySegment source, MemorySegment target) {
        if (source.asOverlappingSlice(target).isPresent()) {
            throw new IllegalArgumentException(type + ": the segments overlap");
        }
    }
}
