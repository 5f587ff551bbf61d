package io.github.expogguf.cli;

import io.github.expogguf.run.Progress;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Draws progress on stderr: a bar that is redrawn on a terminal, a line now and then elsewhere. Hears of progress on
 * one thread at a time.
 */
final class ProgressPrinter implements Progress.Listener, AutoCloseable {

    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long PLAIN_NANOS = 5_000_000_000L;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream err;
    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private Progress.Stage stage;
    private long stageStart;
    private long lastPrint;
    private boolean lineDrawn;

    ProgressPrinter(PrintStream err, Terminal terminal, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
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
            lastPrint = now;
        }
        if (terminal.interactive()) {
            redraw(progress, now);
        } else if (now - lastPrint >= PLAIN_NANOS) {
            err.println("expo-gguf: " + ProgressLine.plain(progress, now - stageStart));
            lastPrint = now;
        }
    }

    private void redraw(Progress progress, long now) {
        if (lineDrawn && now - lastPrint < REDRAW_NANOS) {
            return;
        }
        err.print(ERASE_LINE + ProgressLine.bar(progress, now - stageStart, terminal.columns()));
        err.flush();
        lineDrawn = true;
        lastPrint = now;
    }

    /** Wipes the bar. */
    @Override
    public synchronized void close() {
        if (lineDrawn) {
            err.print(ERASE_LINE);
            err.flush();
            lineDrawn = false;
        }
    }
}
