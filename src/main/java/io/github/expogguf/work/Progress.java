package io.github.expogguf.work;

/**
 * How far a run is.
 *
 * @param stage      what is being done
 * @param tensor     tensor that was worked on last; empty while a model is loaded
 * @param doneBytes  bytes of the stage that are done, those of an earlier run included, counted in the input of the
 *                   aligned model (or the output, when verifying)
 * @param totalBytes bytes of the whole stage
 */
public record Progress(Stage stage, String tensor, long doneBytes, long totalBytes) {

    /** Parts of a run, in their order. */
    public enum Stage {
        /** Re-reading what an earlier run left; only where a run resumes one. */
        RESUME,
        /** Looking for tensors that are the same in both models. */
        COMPARE,
        /** Dequantizing, extrapolating, quantizing, writing. */
        EXTRAPOLATE,
        /** Reading the delta again and again, and writing its factors; only where an adapter is exported. */
        FACTOR,
        /** Re-reading what was written. */
        VERIFY,
        /** Reading a model into memory to compute with it, which is no part of a run that writes. */
        LOAD
    }

    /** Hears of progress, on one thread at a time, often; should return soon. */
    @FunctionalInterface
    public interface Listener {

        /** Takes note. */
        void progress(Progress progress);
    }
}
