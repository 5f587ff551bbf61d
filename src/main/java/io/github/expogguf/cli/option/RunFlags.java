package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Threads;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that compute: how many threads, and whether progress is shown. */
public final class RunFlags {

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            order = 40,
            converter = Converters.ToThreads.class,
            description = "Worker threads; default: the cores of this machine. The result does not depend on it.")
    private @Nullable Integer threads;

    @Option(
            names = {"-q", "--quiet"},
            order = 49,
            description = "No progress, and no word on tensors that llama.cpp does not use.")
    private boolean quiet;

    /** Work that reports progress and can be stopped. */
    @FunctionalInterface
    public interface ObservedWork<T> {
        T run(WorkOptions how) throws IOException;
    }

    public int threads() {
        return threads == null ? Threads.ofThisMachine() : threads;
    }

    /** Of a context that answers one prompt at a time: as said, or as many as there are and are of use. */
    public int contextThreads() {
        return threads == null ? ContextOptions.SHARED_THREADS : threads;
    }

    public WorkOptions workOptions(Progress.Listener listener, Cancellation cancellation) {
        return WorkOptions.builder()
                .threads(threads())
                .listener(listener)
                .cancellation(cancellation)
                .build();
    }

    /** Draws progress until it is closed. */
    public ProgressPrinter progress(Console console) {
        return quiet ? ProgressPrinter.silent() : console.progress();
    }

    /** Does the work while its progress is drawn and Ctrl-C stops it. */
    public <T> T observed(Console console, ObservedWork<T> work) throws IOException {
        try (ProgressPrinter progress = progress(console)) {
            return work.run(workOptions(progress, console.cancellation()));
        }
    }
}
