package io.github.expogguf.testing;

import java.nio.file.Path;

/** The trained miniature pair of the repository. */
public final class DemoPair {

    public static final Path SFT = Path.of("src/demo/guide-sft-f16.gguf");
    public static final Path ALIGNED = Path.of("src/demo/guide-dpo-20-f16.gguf");

    private DemoPair() {}
}
