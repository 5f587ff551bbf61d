package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.value.SourceConverters;
import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models of a command that has no single alpha; {@link PairFlags} is for those that have. */
public final class ModelFlags extends SftFlag implements TwoModelFlags {

    @Option(names = "--aligned", paramLabel = "FILE", order = 2, description = ALIGNED)
    private @Nullable Path aligned;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = ADAPTER)
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        return TwoModelFlags.pair(command, sft(), aligned, adapters, List.of());
    }

    @Override
    public Path aligned() {
        return aligned == null ? sft() : aligned;
    }
}
