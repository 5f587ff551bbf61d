package io.github.expogguf.cli.option;

import picocli.CommandLine.Option;

/** Accepts what is lost where weights are quantized a second time. */
public final class RequantizeFlag {

    @Option(
            names = "--allow-requantize",
            order = 29,
            description = "Accept what is lost by quantizing weights that are quantized already: of one model any loss,"
                    + " of a pair most of alpha, or a step that is mostly the rounding of its files.")
    private boolean allowed;

    /** Whether the loss is accepted. */
    public boolean isGiven() {
        return allowed;
    }
}
