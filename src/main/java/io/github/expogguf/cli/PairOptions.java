package io.github.expogguf.cli;

import java.nio.file.Path;
import java.util.List;
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
            defaultValue = DEFAULT_ALPHA,
            order = 3,
            converter = Converters.ToAlpha.class,
            split = ",",
            description = "Weight of the difference; 0 gives the aligned model. Default: ${DEFAULT-VALUE}.")
    private List<Float> alphas;

    /** The middle of the published alphas. */
    static final String DEFAULT_ALPHA = "0.3";

    Path sft() {
        return sft;
    }

    Path aligned() {
        return aligned;
    }

    List<Float> alphas() {
        return alphas;
    }
}
