package io.github.expogguf.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The two models and the weight of their difference. */
final class PairOptions {

    @Option(
            names = "--sft",
            paramLabel = "FILE",
            required = true,
            order = 1,
            description = "The model before alignment; any shard names a whole set.")
    private Path sft;

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            required = true,
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...).")
    private Path aligned;

    @Option(
            names = {"-a", "--alpha"},
            paramLabel = "X",
            order = 3,
            converter = Converters.ToAlpha.class,
            split = ",",
            description = "Weight of the difference; 0 gives the aligned model. Default: 0.3.")
    private List<Float> alphas;

    /** The middle of the published alphas. */
    static final float DEFAULT_ALPHA = 0.3f;

    Path sft() {
        return sft;
    }

    Path aligned() {
        return aligned;
    }

    /** Empty if the command line does not say any. */
    Optional<List<Float>> alphas() {
        return Optional.ofNullable(alphas);
    }
}
