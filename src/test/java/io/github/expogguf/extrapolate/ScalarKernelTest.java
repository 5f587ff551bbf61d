package io.github.expogguf.extrapolate;

class ScalarKernelTest extends ExtrapolationKernelContract {

    @Override
    ExtrapolationKernel kernel(Extrapolation extrapolation) {
        return new ScalarKernel(extrapolation.alpha());
    }
}
