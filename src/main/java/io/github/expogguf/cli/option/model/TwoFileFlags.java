package io.github.expogguf.cli.option.model;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models of a pair, where no adapter can stand for the second. */
public final class TwoFileFlags extends SftFlag {

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...), such a file or folder.")
    private @Nullable Path aligned;

    /** The model after alignment. */
    public Path aligned() {
        return Objects.requireNonNull(aligned);
    }

    /** Refuses the same file in both places. */
    public void requireTwo() {
        PairFiles.requireTwo(sft(), aligned());
    }
}
