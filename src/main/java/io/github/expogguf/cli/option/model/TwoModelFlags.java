package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.plan.task.Ingredients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The two models of a pair, of which adapters may make the second. */
sealed interface TwoModelFlags permits ModelFlags, PairFlags {

    /** For help. */
    String ALIGNED =
            "The model after alignment (DPO, RLHF, ...), such a file or folder; with --adapter the SFT model if"
                    + " it is left out.";

    /** For help. */
    String ADAPTER = "LoRA adapter, a GGUF or a folder of PEFT, that is added to the aligned model, or to the SFT model"
            + " where there is no --aligned. May be repeated.";

    /** The model before alignment. */
    Path sft();

    /** The SFT model where adapters make the second one of it. */
    Path aligned();

    /** The pair with its adapters and further differences; an aligned model that is missing is a wrong option. */
    static Ingredients<Path> pair(
            BaseCommand command,
            Path sft,
            @Nullable Path aligned,
            List<Ingredients.Adapter<Path>> adapters,
            List<Ingredients.Delta<Path>> deltas) {
        if (adapters.isEmpty() && deltas.isEmpty() && aligned != null) {
            requireTwo(sft, aligned);
        }
        if (aligned == null && adapters.isEmpty()) {
            throw command.usage("Missing required option: '--aligned=FILE' (or --adapter, to make the SFT model one)");
        }
        return Ingredients.pair(sft, aligned == null ? sft : aligned)
                .withAdapters(adapters)
                .withDeltas(deltas);
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
