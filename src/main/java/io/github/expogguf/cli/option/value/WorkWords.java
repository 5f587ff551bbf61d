package io.github.expogguf.cli.option.value;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.work.Progress;
import java.util.Locale;

/**
 * What the work with models is called, and how much of it is done, as in {@code answers 37 of 138}.
 *
 * @param name  the work
 * @param done  texts, or percent of the weights
 * @param total texts, or 100
 */
public record WorkWords(String name, int done, int total) {

    public static WorkWords of(Progress progress) {
        return progress.stage().unit() == Progress.Unit.TEXTS
                ? new WorkWords(name(progress.stage()), (int) progress.done(), (int) progress.total())
                : new WorkWords(name(progress.stage()), (int) (100 * progress.fraction()), 100);
    }

    private static String name(Progress.Stage stage) {
        return switch (stage) {
            case EXTRAPOLATE, QUANTIZE -> "weights";
            case FIT -> "checkpoints";
            case LOG_PROBABILITIES -> "log-probabilities";
            default -> stage.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    /** Same, and the time that is left if the rest takes as long. */
    public String withTimeLeft(long elapsedNanos) {
        String text = name + ": " + done + " of " + total;
        boolean known = done > 0 && done < total;
        return known
                ? text + ", " + Units.duration((long) ((double) elapsedNanos / done * (total - done))) + " left"
                : text;
    }
}
