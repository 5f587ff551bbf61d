package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.value.SourceConverters;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.plan.task.Ingredients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models of a pair, of which adapters may make the second. */
public sealed class PairFiles extends SftFlag permits PairFlags, PairOrGuide {

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...), such a file or folder; with --adapter the SFT"
                    + " model if it is left out.")
    private @Nullable Path aligned;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = "LoRA adapter, a GGUF or a folder of PEFT, that is added to the aligned model, or to the SFT"
                    + " model where there is no --aligned. May be repeated.")
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        return pair(command, List.of());
    }

    /** The pair with its adapters and further differences; a model that is missing is a wrong option. */
    final Ingredients<Path> pair(BaseCommand command, List<Ingredients.Delta<Path>> deltas) {
        Path sft = givenSft().orElseThrow(() -> command.usage("Missing required option: '--sft=FILE'"));
        if (adapters.isEmpty() && deltas.isEmpty() && aligned != null) {
            requireTwo(sft, aligned);
        }
        if (aligned == null && adapters.isEmpty()) {
            throw command.usage("Missing required option: '--aligned=FILE' (or --adapter, to make the SFT model one)");
        }
        return Ingredients.pair(sft, aligned()).withAdapters(adapters).withDeltas(deltas);
    }

    /** Whether any of the files is named. */
    final boolean hasFiles() {
        return givenSft().isPresent() || aligned != null || !adapters.isEmpty();
    }

    /** The SFT model where adapters make the second one of it. */
    public Path aligned() {
        return aligned == null ? sft() : aligned;
    }

    /** Refuses the same file, be it by a link, in both places. */
    static void requireTwo(Path sft, Path aligned) {
        boolean same;
        try {
            same = Files.exists(sft) && Files.isSameFile(sft, aligned);
        } catch (IOException _) { // whoever opens them says what is wrong
            same = false;
        }
        if (same) {
            throw Refusals.mismatch("the SFT model and the aligned model are the same file, " + sft
                    + ": there is nothing between them");
        }
    }
}
