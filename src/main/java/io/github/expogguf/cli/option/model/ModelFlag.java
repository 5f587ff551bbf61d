package io.github.expogguf.cli.option.model;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model of a command that takes one. */
public final class ModelFlag {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            order = 1,
            description = "The model; any shard names a whole set.")
    private Path model;

    public Path path() {
        return model;
    }
}
