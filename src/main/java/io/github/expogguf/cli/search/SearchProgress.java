package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.value.WorkWords;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Prints a line of the table for every alpha, and between them how far the work is and how long it may take. */
final class SearchProgress implements AlphaSearch.Listener, Progress.Listener {

    private final PrintStream out;
    private final ProgressPrinter printer;
    private final SearchTable table;
    private final boolean isGrid;
    private final LongSupplier nanoTime;
    private AlphaProfile profile = AlphaProfile.UNIFORM;
    private float alpha;
    private int done;
    private int total;
    private boolean isMeasured;
    private long startNanos;
    private int measured;
    private long measuredNanos;

    /** @param isGrid whether all alphas will be evaluated; bracketing may end before */
    SearchProgress(PrintStream out, ProgressPrinter printer, SearchTable table, boolean isGrid, LongSupplier nanoTime) {
        this.out = out;
        this.printer = printer;
        this.table = table;
        this.isGrid = isGrid;
        this.nanoTime = nanoTime;
    }

    @Override
    public void turnsTo(AlphaProfile next) {
        profile = next;
    }

    @Override
    public void begins(float begun, int doneBefore, int most) {
        alpha = begun;
        done = doneBefore;
        total = most;
        isMeasured = false;
        startNanos = nanoTime.getAsLong();
    }

    @Override
    public void progress(Progress progress) {
        isMeasured = true;
        String text = text(WorkWords.of(progress));
        printer.show(() -> text, () -> text);
    }

    /** As in {@code alpha 0.5: answers 37 of 138; model 4 of at most 16, at most 1:20 min left}. */
    String text(WorkWords work) {
        String most = isGrid ? "" : "at most ";
        return String.format(
                Locale.ROOT,
                "alpha %s%s: %s %d of %d; model %d of %s%d%s",
                Numbers.brief(alpha),
                profile.equals(AlphaProfile.UNIFORM) ? "" : " with " + profile.name(),
                work.name(),
                work.done(),
                work.total(),
                done + 1,
                most,
                total,
                timeLeft(most));
    }

    /** Known after the first alpha: the others take about as long. */
    private String timeLeft(String most) {
        if (measured == 0) {
            return "";
        }
        long all = (total - done) * (measuredNanos / measured);
        long left = Math.max(0, all - (nanoTime.getAsLong() - startNanos));
        return ", " + most + Units.duration(left) + " left";
    }

    @Override
    public void ends(Trial trial) {
        if (isMeasured) { // and not taken from the log
            measured++;
            measuredNanos += nanoTime.getAsLong() - startNanos;
        }
        printer.close();
        out.print(table.line(trial));
        out.flush();
    }
}
