package io.github.expogguf.compare.realised;

class ScalarStepAdderTest extends StepAdderContract {

    @Override
    StepAdder adder() {
        return new ScalarStepAdder();
    }
}
