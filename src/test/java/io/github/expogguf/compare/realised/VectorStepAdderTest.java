package io.github.expogguf.compare.realised;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class VectorStepAdderTest extends StepAdderContract {

    @Override
    StepAdder adder() {
        return new VectorStepAdder();
    }
}
