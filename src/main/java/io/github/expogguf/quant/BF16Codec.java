package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.FloatKernels;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/** The upper half of a float. Needs no native library. */
record BF16Codec(LongFunction<FloatKernels> kernels) implements RowCodec {

    @Override
    public GgmlType type() {
        return GgmlType.BF16;
    }

    @Override
    public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
        long count = RowChecks.dequantize(type(), rowLength, rowCount, source, target);
        kernels.apply(count).bf16ToF32(count, source, target);
    }

    @Override
    public void quantize(
            long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
        long count = RowChecks.quantize(type(), rowLength, rowCount, source, importance, target);
        RowChecks.finite(type(), kernels.apply(count).f32ToBf16(count, source, target), count);
    }
}
