package io.github.expogguf.cli.option;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model that a difference begins at. */
abstract sealed class SftFlag permits TwoModelFlags, TwoFileFlags {

    @Option(
            names = "--sft",
            paramLabel = "FILE",
            required = true,
            order = 1,
            description = "The model before alignment; any shard names a whole set.")
    private Path sft;

    /** The model before alignment. */
    public final Path sft() {
        return sft;
    }
}
