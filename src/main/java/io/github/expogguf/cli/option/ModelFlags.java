package io.github.expogguf.cli.option;

import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models of a command that has no single alpha; {@link PairFlags} is for those that have. */
public final class ModelFlags {

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
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...); with --adapter the SFT model if it is left out.")
    private @Nullable Path aligned;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = "LoRA adapter that is added to the aligned model. May be repeated.")
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    public Path sft() {
        return sft;
    }

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        if (aligned == null && adapters.isEmpty()) {
            throw command.usage(PairFlags.NO_ALIGNED);
        }
        return Ingredients.pair(sft, aligned == null ? sft : aligned).withAdapters(adapters);
    }
}
