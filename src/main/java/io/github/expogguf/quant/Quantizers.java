package io.github.expogguf.quant;

import io.github.expogguf.nativelib.NativeLibrary;

/** Whose bytes the codecs give. */
public final class Quantizers {

    private Quantizers() {}

    /** The version of llama.cpp as {@link NativeLibrary#release} says it. */
    public static String release() {
        return NativeLibrary.release();
    }
}
