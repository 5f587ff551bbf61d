package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;

/** What must hold before any row reaches a kernel; ggml checks little of it and aborts or overruns where it does not. */
final class RowChecks {

    private RowChecks() {}

    /** Returns the number of values. */
    static long dequantize(
            GgmlType type, long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        long count = count(type, rowLength, rowCount);
        source(type, source, packedBytes(type, rowLength, rowCount));
        target(type, target, floatBytes(count));
        disjoint(type, source, target);
        floatAlignment(type, "target", target);
        return count;
    }

    /** Returns the number of values. Does not look at the values. */
    static long quantize(
            GgmlType type,
            long rowLength,
            long rowCount,
            MemorySegment source,
            MemorySegment importance,
            MemorySegment target) {
        long count = count(type, rowLength, rowCount);
        source(type, source, floatBytes(count));
        target(type, target, packedBytes(type, rowLength, rowCount));
        disjoint(type, source, target);
        floatAlignment(type, "source", source);
        if (isPresent(importance)) {
            importance(type, rowLength, importance);
            disjoint(type, importance, target);
        }
        return count;
    }

    static boolean isPresent(MemorySegment importance) {
        return !importance.equals(MemorySegment.NULL);
    }

    private static void importance(GgmlType type, long rowLength, MemorySegment importance) {
        isNative(type, "importance", importance);
        if (importance.byteSize() != floatBytes(rowLength)) {
            throw new IllegalArgumentException(type + ": importance has " + importance.byteSize() + " bytes, expected "
                    + floatBytes(rowLength) + " (one float for each of " + rowLength + " columns)");
        }
        floatAlignment(type, "importance", importance);
    }

    private static long count(GgmlType type, long rowLength, long rowCount) {
        if (rowLength <= 0) {
            throw new IllegalArgumentException(type + ": row length " + rowLength + " is not positive");
        }
        if (rowCount <= 0) {
            throw new IllegalArgumentException(type + ": row count " + rowCount + " is not positive");
        }
        try {
            return Math.multiplyExact(rowLength, rowCount);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(tooMany(type, rowLength, rowCount), e);
        }
    }

    private static long packedBytes(GgmlType type, long rowLength, long rowCount) {
        try {
            return Math.multiplyExact(type.rowBytes(rowLength), rowCount);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(tooMany(type, rowLength, rowCount), e);
        }
    }

    private static long floatBytes(long count) {
        try {
            return Math.multiplyExact(count, (long) Float.BYTES);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(count + " floats are more than a segment holds", e);
        }
    }

    private static String tooMany(GgmlType type, long rowLength, long rowCount) {
        return type + ": " + rowCount + " rows of " + rowLength + " are more than a segment holds";
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
