package io.github.expogguf.launch;

import java.util.List;

/** Lets benchmarks run with the options of the JVM that computes. */
public final class ComputingOptions {

    private ComputingOptions() {}

    public static List<String> get() {
        return JavaOptions.computing();
    }
}
