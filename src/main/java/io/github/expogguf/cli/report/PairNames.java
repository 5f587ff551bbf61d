package io.github.expogguf.cli.report;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import java.nio.file.Path;
import java.util.List;

/**
 * What the two models of a comparison are called: their files, with as many folders as tell them apart, and what is
 * added to them.
 */
public record PairNames(String sft, String aligned) {

    /** Of the files that were compared. */
    public static PairNames of(PairComparison pair, Ingredients<Path> sources) {
        Path sft = sources.sft().orElseThrow();
        Path aligned = sources.aligned();
        boolean isAmbiguous = pair.sft().name().equals(pair.aligned().name());
        ShortNames names = ShortNames.of(List.of(sft, aligned));
        StringBuilder sum = new StringBuilder(
                isAmbiguous ? names.of(aligned) : pair.aligned().name());
        for (Ingredients.Adapter<Path> adapter : sources.adapters()) {
            sum.append(" + ")
                    .append(adapter.weight() == 1 ? "" : Numbers.brief(adapter.weight()) + " * ")
                    .append(ShortNames.of(List.of(adapter.model())).of(adapter.model()));
        }
        return new PairNames(isAmbiguous ? names.of(sft) : pair.sft().name(), sum.toString());
    }
}
