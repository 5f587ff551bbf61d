package io.github.expogguf.quant;

class ScalarFloatKernelsTest extends FloatKernelsContract {

    @Override
    FloatKernels kernels() {
        return new ScalarFloatKernels();
    }
}
