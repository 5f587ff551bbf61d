package io.github.expogguf.run;

import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.PlanOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The front door: opens the models, plans, and writes.
 *
 * <pre>{@code
 * try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
 *     ExpoReport report = pair.write(
 *             PlanOptions.builder().alpha(0.3f).fileType(FileType.Q4_K_M).build(), output, OutputOptions.defaults());
 * }
 * }</pre>
 */
public final class Extrapolator implements AutoCloseable {

    private Extrapolator() {}

    /** Opens a pair; each path names a GGUF file or any shard of a set. */
    public static Extrapolator open(Path sft, Path aligned) throws IOException {
        throw new IOException("being written");
    }

    /** Opens one model, to quantize it without extrapolation. */
    public static Extrapolator open(Path model) throws IOException {
        throw new IOException("being written");
    }

    /** Decides everything and computes nothing; needs no native library. */
    public Plan plan(PlanOptions options) {
        return null;
    }

    /** Bytes of the file or files that {@link #write} would write, headers and padding included. */
    public long outputBytes(Plan plan, OutputOptions options) {
        return 0;
    }

    /** Bytes of off-heap buffers that {@link #write} uses, whatever the size of the models. */
    public long bufferBytes(Plan plan, OutputOptions options) {
        return 0;
    }

    /** Writes the output. */
    public ExpoReport write(PlanOptions options, Path output, OutputOptions how) throws IOException {
        return null;
    }

    @Override
    public void close() {}
}
