package io.github.expogguf.cli.option.model;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model that a difference begins at. */
abstract sealed class SftFlag permits ModelFlags, TwoFileFlags {

    /** For help. */
    static final String DESCRIPTION = "The model before alignment: a GGUF, of which any shard names a whole"
            + " set, a Hugging Face folder, or a .safetensors.";

    @Option(names = "--sft", paramLabel = "FILE", required = true, order = 1, description = DESCRIPTION)
    private Path sft;

    /** The model before alignment. */
    public final Path sft() {
        return sft;
    }
}
