package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.FloatKernels;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/** Floats as they are: a copy. */
record F32Codec(LongFunction<FloatKernels> kernels) implements RowCodec {

    @Override
    public GgmlType type() {
        return GgmlType.F32;
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        long count = RowChecks.dequantize(type(), rowLength, rowCount, source, target);
        MemorySegment.copy(source, 0, target, 0, count * Float.BYTES);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        long count = RowChecks.quantize(type(), rowLength, rowCount, source, importance, target);
        MemorySegment.copy(source, 0, target, 0, count * Float.BYTES);
        RowChecks.finite(type(), kernels.apply(count).countFrom(FloatKernels.NON_FINITE, count, source), count);
    }
}
