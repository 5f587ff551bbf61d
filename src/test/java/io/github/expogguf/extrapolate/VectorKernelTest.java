package io.github.expogguf.extrapolate;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class VectorKernelTest extends ExtrapolationKernelContract {

    @Override
    ExtrapolationKernel kernel(Extrapolation extrapolation) {
        return new VectorKernel(extrapolation.alpha());
    }
}
