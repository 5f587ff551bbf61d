package io.github.expogguf.nativelib;

import java.util.List;

/** The llama.cpp that the bindings, the type table and the file type rules were taken from; see native/pinned.txt. */
public final class PinnedVersion {

    /** What {@code llama_version} returns, without a suffix such as {@code -dev}. */
    public static final String LLAMA_CPP = SupportedVersions.pinned().llamaCpp();

    /** What {@code ggml_version} returns. */
    public static final String GGML = SupportedVersions.pinned().ggml();

    private PinnedVersion() {}

    /** The other versions whose libraries are accepted, newest first, as in {@code 0.4.0, ggml 0.23.0}. */
    public static List<String> older() {
        return SupportedVersions.all().stream()
                .skip(1)
                .map(version -> version.llamaCpp() + ", ggml " + version.ggml())
                .toList();
    }
}
