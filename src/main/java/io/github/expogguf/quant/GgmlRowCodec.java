package io.github.expogguf.quant;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import io.github.expogguf.simd.Finite;
import io.github.expogguf.simd.SwitchingFloatKernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** ggml itself, behind checks that keep from it what it would answer with an abort or with garbage. */
public final class GgmlRowCodec implements RowCodec {

    /**
     * ggml looks for the nearest point of a codebook (quantize_row_iq1_s_impl and its kin in ggml-quants.c) by squared
     * distances, up to importance * value^3 * 2^6, which have to be finite. Below 2^40 and 2^26 they are. Values of
     * 2^26 would not fit the scales of these types anyway, which are halves.
     */
    private static final float CODEBOOK_VALUE_LIMIT = 0x1p26f;

    private static final float CODEBOOK_IMPORTANCE_LIMIT = 0x1p40f;

    private final GgmlType type;
    private final MemorySegment toFloat;

    /** Loads the native libraries. */
    public GgmlRowCodec(GgmlType type) {
        if (!WeightTypes.isSupported(type)) {
            throw new UnsupportedTypeException(WeightTypes.unsupported(type));
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
            requireUsableImportance(type, rowLength, importance);
        } else if (WeightTypes.needsImportance(type)) {
            throw new UnsupportedTypeException(type + " needs an importance matrix");
        }
        requireUsable(source, count);

        long bytes = type.rowBytes(rowLength) * rowCount;
        long written = GgmlCalls.quantize(type, source, target, rowCount, rowLength, importance);
        if (written != bytes) {
            throw new IllegalStateException("ggml wrote " + written + " bytes of " + type + ", expected " + bytes);
        }
        if (!GgmlCalls.isValid(type, target.asSlice(0, bytes))) {
            throw new NonFiniteException("values are too large for " + type + ": the scale of a block is infinite");
        }
    }

    /** Many of ggml's quantizers turn NaN into a valid block, so looking at the result is not enough. */
    private void requireUsable(MemorySegment source, long count) {
        float limit = isCodebook(type) ? CODEBOOK_VALUE_LIMIT : Float.POSITIVE_INFINITY;
        long found = SwitchingFloatKernels.choose(count).countFrom(Float.floatToRawIntBits(limit), count, source);
        if (found != 0) {
            RowChecks.finite(type, Finite.countNonFinite(source, count), count);
            throw new NonFiniteException(
                    found + " of " + count + " values are too large for " + type + ": " + limit + " or more");
        }
    }

    /**
     * The importance of a row is read for every chunk: it is small beside the chunk, and so nobody needs to be trusted.
     */
    static void requireUsableImportance(GgmlType type, long rowLength, MemorySegment importance) {
        float limit = isCodebook(type) ? CODEBOOK_IMPORTANCE_LIMIT : Float.POSITIVE_INFINITY;
        for (long column = 0; column < rowLength; column++) {
            float weight = importance.getAtIndex(ValueLayout.JAVA_FLOAT, column);
            if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(type + ": importance of column " + column + " is " + weight
                        + ", expected a finite number, 0 or more");
            }
            if (weight >= limit) {
                throw new UnsupportedTypeException(
                        type + ": importance of column " + column + " is " + weight + ", expected less than " + limit);
            }
        }
    }

    private static boolean isCodebook(GgmlType type) {
        return switch (type) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> true;
            default -> false;
        };
    }
}
