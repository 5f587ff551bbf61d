package io.github.expogguf.cli.option;

import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models of a pair, of which adapters may make the second. */
abstract sealed class TwoModelFlags extends SftFlag permits ModelFlags, PairFlags {

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...); with --adapter the SFT model if it is left out.")
    private @Nullable Path aligned;

    /** The SFT model where adapters make the second one of it. */
    final Path aligned() {
        return aligned == null ? sft() : aligned;
    }

    /** The pair with its adapters; an aligned model that is missing is a wrong option. */
    final Ingredients<Path> pair(BaseCommand command, List<Ingredients.Adapter<Path>> adapters) {
        if (aligned == null && adapters.isEmpty()) {
            throw command.usage("Missing required option: '--aligned=FILE' (or --adapter, to make the SFT model one)");
        }
        return Ingredients.pair(sft(), aligned()).withAdapters(adapters);
    }
}
