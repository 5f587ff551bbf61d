package io.github.expogguf.compare;

class ScalarStepAdderTest extends StepAdderContract {

    @Override
    StepAdder adder() {
        return new ScalarStepAdder();
    }
}
