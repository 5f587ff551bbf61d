package io.github.expogguf.plan;

import io.github.expogguf.nativelib.PinnedVersion;

/** What is written into every output; tests compare both with the build and the pinned libraries. */
public final class Versions {

    /** Version of this program. */
    public static final String EXPO_GGUF = "0.1.0";

    /** Version of llama.cpp whose type decisions and quantizers are used. */
    public static final String LLAMA_CPP = "v" + PinnedVersion.LLAMA_CPP;

    private Versions() {}
}
