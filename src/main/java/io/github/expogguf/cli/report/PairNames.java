package io.github.expogguf.cli.report;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Numbers;
import java.nio.file.Path;

/**
 * What the two models of a comparison are called: their files, with as many folders as tell them apart, and what is
 * added to them.
 */
public record PairNames(String sft, String aligned) {

    /** Of the files that were compared. */
    public static PairNames of(PairComparison pair, Ingredients<Path> sources) {
        Path sft = sources.sft().orElseThrow().toAbsolutePath().normalize();
        Path aligned = sources.aligned().toAbsolutePath().normalize();
        boolean isAmbiguous = pair.sft().name().equals(pair.aligned().name()) && !sft.equals(aligned);
        int parts = isAmbiguous ? distinguishing(sft, aligned) : 1;
        StringBuilder sum = new StringBuilder(
                isAmbiguous ? last(aligned, parts) : pair.aligned().name());
        for (Ingredients.Adapter<Path> adapter : sources.adapters()) {
            sum.append(" + ")
                    .append(adapter.weight() == 1 ? "" : Numbers.brief(adapter.weight()) + " * ")
                    .append(last(adapter.model().toAbsolutePath().normalize(), 1));
        }
        return new PairNames(isAmbiguous ? last(sft, parts) : pair.sft().name(), sum.toString());
    }

    private static int distinguishing(Path one, Path other) {
        int most = Math.max(one.getNameCount(), other.getNameCount());
        int parts = 1;
        while (parts < most && last(one, parts).equals(last(other, parts))) {
            parts++;
        }
        return parts;
    }

    /** The last parts of a path. */
    private static String last(Path path, int parts) {
        int count = path.getNameCount();
        return count == 0
                ? path.toString()
                : path.subpath(Math.max(0, count - parts), count).toString();
    }
}
