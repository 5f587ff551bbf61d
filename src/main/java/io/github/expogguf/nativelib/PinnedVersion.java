package io.github.expogguf.nativelib;

/** The llama.cpp that the bindings, the type table and the file type rules were taken from; see native/pinned.txt. */
public final class PinnedVersion {

    /** What {@code llama_version} returns, without a suffix such as {@code -dev}. */
    public static final String LLAMA_CPP = "0.4.0";

    /** What {@code ggml_version} returns. */
    public static final String GGML = "0.23.0";

    private PinnedVersion() {}
}
