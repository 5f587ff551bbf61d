package io.github.expogguf.demo;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.work.Threads;
import java.util.List;

/**
 * What the demonstration shows.
 *
 * @param alphas    weights of the delta, ascending, 0 (the aligned model) among them
 * @param fileTypes types of the models, at least one
 * @param threads   models that are worked on at a time, 1 to {@value Threads#MAX}
 */
public record DemoOptions(List<Float> alphas, List<FileType> fileTypes, int threads) {

    /** Checks and copies the lists. */
    public DemoOptions {
        alphas = List.copyOf(alphas);
        fileTypes = List.copyOf(fileTypes);
        if (!alphas.contains(0f)) {
            throw new IllegalArgumentException("alphas are " + alphas + ", expected 0 among them");
        }
        if (!alphas.stream().sorted().distinct().toList().equals(alphas)) {
            throw new IllegalArgumentException("alphas are " + alphas + ", expected ascending numbers");
        }
        if (fileTypes.isEmpty()) {
            throw new IllegalArgumentException("no file type");
        }
        Threads.check(threads);
    }

    /** No extrapolation, some, much, and far too much, in F16 and Q4_K_M, on all cores. */
    public static DemoOptions defaults() {
        return new DemoOptions(
                List.of(0f, 1.5f, 5f, 40f), List.of(FileType.F16, FileType.Q4_K_M), Threads.ofThisMachine());
    }

    /** Same, on this many threads. */
    public DemoOptions withThreads(int value) {
        return new DemoOptions(alphas, fileTypes, value);
    }
}
