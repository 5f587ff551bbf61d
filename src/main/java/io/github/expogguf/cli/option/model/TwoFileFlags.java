package io.github.expogguf.cli.option.model;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The two models of a pair, where no adapter can stand for the second. */
public final class TwoFileFlags extends SftFlag {

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            required = true,
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...), such a file or folder.")
    private Path aligned;

    /** The model after alignment. */
    public Path aligned() {
        return aligned;
    }

    /** Refuses the same file in both places. */
    public void requireTwo() {
        TwoModelFlags.requireTwo(sft(), aligned);
    }
}
