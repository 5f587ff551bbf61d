package io.github.expogguf.cli.terminal;

import io.github.expogguf.work.Progress;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Draws progress on stderr: a bar that is redrawn on a terminal, a line now and then elsewhere. Hears of progress on
 * one thread at a time.
 */
public final class ProgressPrinter implements Progress.Listener, AutoCloseable {

    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long PLAIN_NANOS = 5_000_000_000L;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream err;
    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private Progress.@Nullable Stage stage;
    private long stageStart;
    private long stageStartDone;
    private long lastPrint;
    private boolean lineDrawn;

    ProgressPrinter(PrintStream err, Terminal terminal, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.lastPrint = nanoTime.getAsLong();
    }

    public static ProgressPrinter silent() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new ProgressPrinter(nowhere, new Terminal(false, 0), System::nanoTime);
    }

    static ProgressPrinter onStderr(PrintStream err) {
        return new ProgressPrinter(err, Terminal.ofStderr(), System::nanoTime);
    }

    @Override
    public synchronized void progress(Progress progress) {
        long now = nanoTime.getAsLong();
        if (progress.stage() != stage) {
            stage = progress.stage();
            stageStart = now;
            stageStartDone = progress.done();
            lastPrint = now;
        }
        long elapsed = now - stageStart;
        show(
                () -> ProgressLine.bar(progress, stageStartDone, elapsed, terminal.columns()),
                () -> ProgressLine.forLog(progress, stageStartDone, elapsed));
    }

    /**
     * Shows one of two texts, if it is time.
     *
     * @param bar   for a terminal, cut where it is not shorter than it is wide: a line that is broken cannot be redrawn
     * @param plain for a log
     */
    public synchronized void show(Supplier<String> bar, Supplier<String> plain) {
        long now = nanoTime.getAsLong();
        if (!terminal.interactive()) {
            if (now - lastPrint >= PLAIN_NANOS) {
                err.println("expo-gguf: " + plain.get());
                lastPrint = now;
            }
        } else if (!lineDrawn || now - lastPrint >= REDRAW_NANOS) {
            err.print(ERASE_LINE + fitting(bar.get()));
            err.flush();
            lineDrawn = true;
            lastPrint = now;
        }
    }

    private String fitting(String bar) {
        return bar.substring(0, Columns.cut(bar, terminal.columns() - 1));
    }

    /** Wipes the bar; further progress draws it again. */
    @Override
    public synchronized void close() {
        if (lineDrawn) {
            err.print(ERASE_LINE);
            err.flush();
            lineDrawn = false;
        }
    }
}
