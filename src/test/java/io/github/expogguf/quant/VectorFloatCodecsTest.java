package io.github.expogguf.quant;

import io.github.expogguf.simd.FloatKernels;
import io.github.expogguf.simd.VectorFloatKernels;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class VectorFloatCodecsTest extends RowCodecContract {

    @Override
    List<RowCodec> codecs() {
        LongFunction<FloatKernels> kernels = _ -> new VectorFloatKernels();
        return List.of(new F32Codec(kernels), new F16Codec(kernels), new BF16Codec(kernels));
    }
}
