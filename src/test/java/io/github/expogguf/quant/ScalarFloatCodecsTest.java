package io.github.expogguf.quant;

import io.github.expogguf.simd.FloatKernels;
import io.github.expogguf.simd.ScalarFloatKernels;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;

@Tag("native")
class ScalarFloatCodecsTest extends RowCodecContract {

    @Override
    List<RowCodec> codecs() {
        LongFunction<FloatKernels> kernels = _ -> new ScalarFloatKernels();
        return List.of(new F32Codec(kernels), new F16Codec(kernels), new BF16Codec(kernels));
    }
}
