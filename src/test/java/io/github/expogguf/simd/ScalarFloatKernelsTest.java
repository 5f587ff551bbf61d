package io.github.expogguf.simd;

class ScalarFloatKernelsTest extends FloatKernelsContract {

    @Override
    FloatKernels kernels() {
        return new ScalarFloatKernels();
    }
}
