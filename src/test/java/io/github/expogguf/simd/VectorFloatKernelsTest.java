package io.github.expogguf.simd;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class VectorFloatKernelsTest extends FloatKernelsContract {

    @Override
    FloatKernels kernels() {
        return new VectorFloatKernels();
    }
}
