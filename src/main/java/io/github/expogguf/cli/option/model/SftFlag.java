package io.github.expogguf.cli.option.model;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The model that a difference begins at. */
abstract sealed class SftFlag permits PairFiles, TwoFileFlags {

    @Option(
            names = "--sft",
            paramLabel = "FILE",
            order = 1,
            description = "The model before alignment: a GGUF, of which any shard names a whole set, a Hugging Face"
                    + " folder, or a .safetensors.")
    private @Nullable Path sft;

    /** The model before alignment, unless something else stands for it. */
    final Optional<Path> givenSft() {
        return Optional.ofNullable(sft);
    }

    /** The model before alignment. */
    public Path sft() {
        return Objects.requireNonNull(sft);
    }
}
