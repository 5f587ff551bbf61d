package io.github.expogguf.cli.terminal;

import io.github.expogguf.text.Escape;
import io.github.expogguf.work.Progress;
import java.util.Locale;

/** Words and bars for a moment of a run. Pure. */
final class ProgressLine {

    private static final int MAX_BAR = 30;
    private static final int MIN_BAR = 10;
    /** Before this much time no rate can be believed. */
    private static final long RATE_AFTER_NANOS = 500_000_000L;

    private ProgressLine() {}

    /**
     * A line to be redrawn, shorter than the terminal is wide.
     *
     * @param progress     where the run is
     * @param startDone    what was done when the stage began
     * @param elapsedNanos time since then
     * @param columns      width of the terminal
     */
    static String bar(Progress progress, long startDone, long elapsedNanos, int columns) {
        String start = String.format(Locale.ROOT, "%-11s %3d%% ", verb(progress.stage()), percent(progress));
        String end = " " + numbers(progress, startDone, elapsedNanos);
        int room = columns - 1 - start.length() - end.length();
        String line = room < MIN_BAR + 2
                ? start.strip() + end
                : start + "[" + cells(progress, Math.min(MAX_BAR, room - 2)) + "]" + end;
        String withTensor = (line + "  " + Escape.text(progress.tensor())).stripTrailing();
        String fitting = withTensor.length() < columns ? withTensor : line;
        return fitting.substring(0, Math.min(fitting.length(), Math.max(0, columns - 1)));
    }

    /** A line that stays, for logs. */
    static String forLog(Progress progress, long startDone, long elapsedNanos) {
        return verb(progress.stage()) + ": " + percent(progress) + " %, " + numbers(progress, startDone, elapsedNanos);
    }

    /** Whole percent, rounded down, so that 100 means done. */
    static int percent(Progress progress) {
        return (int) (100.0 * progress.fraction());
    }

    private static String cells(Progress progress, int width) {
        int full = (int) (width * progress.fraction());
        boolean moving = full < width;
        return "=".repeat(full) + (moving ? ">" + " ".repeat(width - full - 1) : "");
    }

    private static String numbers(Progress progress, long startDone, long elapsedNanos) {
        boolean isBytes = progress.stage().unit() == Progress.Unit.BYTES;
        String amount = isBytes
                ? Units.bytes(progress.done()) + " of " + Units.bytes(progress.total())
                : Units.count(progress.done()) + " of " + Units.count(progress.total(), "text");
        long doneSince = progress.done() - startDone;
        if (elapsedNanos < RATE_AFTER_NANOS || doneSince <= 0) {
            return amount;
        }
        String rated = isBytes ? amount + ", " + Units.rate(doneSince, elapsedNanos) : amount;
        long left = progress.total() - progress.done();
        return left <= 0
                ? rated
                : rated + ", " + Units.timeLeft(elapsedNanos / 1e9 * ((double) left / doneSince)) + " left";
    }

    private static String verb(Progress.Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
