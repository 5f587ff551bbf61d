package io.github.expogguf.cli.option;

import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The two models of a command that has no single alpha; {@link PairFlags} is for those that have. */
public final class ModelFlags extends TwoModelFlags {

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = "LoRA adapter that is added to the aligned model. May be repeated.")
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        return pair(command, adapters);
    }
}
