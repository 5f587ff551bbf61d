package io.github.expogguf.run.compute;

import io.github.expogguf.work.Progress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Adds up the work of all workers and tells the listener, one call at a time. */
public final class ProgressMeter {

    private final Progress.Listener listener;
    private Progress.@Nullable Stage stage; // null until it begins
    private long doneBytes;
    private long totalBytes;

    public ProgressMeter(Progress.Listener listener) {
        this.listener = listener;
    }

    public void begin(Progress.Stage next, long total) {
        begin(next, total, 0);
    }

    /** Begins a stage of which a part is done already. */
    public synchronized void begin(Progress.Stage next, long total, long done) {
        stage = next;
        doneBytes = done;
        totalBytes = total;
        listener.progress(new Progress(next, "", doneBytes, totalBytes));
    }

    public synchronized void advance(String tensor, long bytes) {
        doneBytes += bytes;
        listener.progress(new Progress(Objects.requireNonNull(stage), tensor, doneBytes, totalBytes));
    }
}
