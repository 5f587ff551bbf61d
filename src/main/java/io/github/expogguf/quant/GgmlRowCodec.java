package io.github.expogguf.quant;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** ggml itself, behind checks that keep from it what it would answer with an abort or with garbage. */
final class GgmlRowCodec implements RowCodec {

    private final GgmlType type;
    private final MemorySegment toFloat;

    /** Loads the native libraries. */
    GgmlRowCodec(GgmlType type) {
        if (!RowCodecs.isSupported(type)) {
            throw new UnsupportedTypeException(RowCodecs.unsupported(type));
        }
        this.type = type;
        this.toFloat = GgmlCalls.toFloat(type);
    }

    @Override
    public GgmlType type() {
        return type;
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        long count = RowChecks.dequantize(type, rowLength, rowCount, source, target);
        if (type == GgmlType.F32) { // ggml has no to_float for it
            MemorySegment.copy(source, 0, target, 0, count * Float.BYTES);
            return;
        }
        GgmlCalls.dequantize(toFloat, source, target, count);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        long count = RowChecks.quantize(type, rowLength, rowCount, source, importance, target);
        if (RowChecks.isPresent(importance)) {
            requireUsable(rowLength, importance);
        } else if (RowCodecs.needsImportance(type)) {
            throw new UnsupportedTypeException(type + " needs an importance matrix");
        }
        // many of ggml's quantizers turn NaN into a valid block, and some abort
        NonFinite.requireNone(type, Finite.countNonFinite(source, count), count);

        long bytes = type.rowBytes(rowLength) * rowCount;
        long written = GgmlCalls.quantize(type, source, target, rowCount, rowLength, importance);
        if (written != bytes) {
            throw new IllegalStateException("ggml wrote " + written + " bytes of " + type + ", expected " + bytes);
        }
        if (!GgmlCalls.isValid(type, target.asSlice(0, bytes))) {
            throw new NonFiniteException("values are too large for " + type + ": the scale of a block is infinite");
        }
    }

    /** A row of weights is read for every chunk: small beside the chunk, so nobody has to be trusted with it. */
    private void requireUsable(long rowLength, MemorySegment importance) {
        for (long column = 0; column < rowLength; column++) {
            float weight = importance.getAtIndex(ValueLayout.JAVA_FLOAT, column);
            if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(type + ": importance of column " + column + " is " + weight
                        + ", expected a finite number, 0 or more");
            }
        }
    }
}
