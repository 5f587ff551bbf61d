package io.github.expogguf.plan.recipe;

import io.github.expogguf.quant.Quantizers;

/** What is written into every output; tests compare both with the build and the libraries. */
public final class Versions {

    /** Version of this program. */
    public static final String EXPO_GGUF = "0.1.0";

    private Versions() {}

    /**
     * {@return the version of llama.cpp whose quantizers are used: of the libraries, or of the pinned ones before any
     * are loaded}
     */
    public static String llamaCpp() {
        return Quantizers.release();
    }
}
