package io.github.expogguf.run;

/** Adds up the work of all workers and tells the listener, one call at a time. */
final class ProgressMeter {

    private final Progress.Listener listener;
    private Progress.Stage stage;
    private long doneBytes;
    private long totalBytes;

    ProgressMeter(Progress.Listener listener) {
        this.listener = listener;
    }

    synchronized void begin(Progress.Stage next, long total) {
        stage = next;
        doneBytes = 0;
        totalBytes = total;
        listener.progress(new Progress(stage, "", 0, totalBytes));
    }

    synchronized void advance(String tensor, long bytes) {
        doneBytes += bytes;
        listener.progress(new Progress(stage, tensor, doneBytes, totalBytes));
    }
}
