package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What a command works on: a pair or one model. */
public final class PairOrModelFlags {

    @ArgGroup(exclusive = false)
    private @Nullable PairFlags pair;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            required = true,
            order = 4,
            description = "One model instead of a pair; any shard names a whole set.")
    private @Nullable Path model;

    /** The files of the pair, if there is one. */
    public Optional<PairFlags> pair() {
        return Optional.ofNullable(pair);
    }

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        return pair == null ? Ingredients.model(model()) : pair.sources(command);
    }

    /** 0 where there is no pair; empty if the command line does not say any. */
    public Optional<List<Float>> alphas() {
        return pair == null ? Optional.of(List.of(0f)) : pair.alphas();
    }

    /** The step that is predicted from checkpoints. */
    public OptionalDouble to() {
        return pair == null ? OptionalDouble.empty() : pair.to();
    }

    /** Where there is no pair. */
    Path model() {
        return Objects.requireNonNull(model);
    }

    /** The model whose weights and metadata the result begins with. */
    Path aligned() {
        return pair == null ? model() : pair.aligned();
    }
}
