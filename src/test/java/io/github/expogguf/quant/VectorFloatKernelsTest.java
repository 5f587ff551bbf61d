package io.github.expogguf.quant;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.github.expogguf.quant.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class VectorFloatKernelsTest extends FloatKernelsContract {

    @Override
    FloatKernels kernels() {
        return new VectorFloatKernels();
    }
}
