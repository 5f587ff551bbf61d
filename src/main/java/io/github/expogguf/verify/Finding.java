package io.github.expogguf.verify;

import java.util.Objects;

/**
 * Something that is not as it should be.
 *
 * @param tensor  name of the tensor it concerns; empty where it concerns the file
 * @param problem what was found and what was expected
 */
public record Finding(String tensor, String problem) {
    /** Refuses null. */
    public Finding {
        Objects.requireNonNull(tensor, "tensor");
        Objects.requireNonNull(problem, "problem");
    }

    /**
     * {@return a finding about the file as a whole}
     *
     * @param problem what is wrong, for people
     */
    public static Finding ofFile(String problem) {
        Objects.requireNonNull(problem, "problem");
        return new Finding("", problem);
    }

    /** As in {@code tensor 'output.weight': 3 of 4096 values are infinite or NaN}. */
    @Override
    public String toString() {
        return tensor.isEmpty() ? problem : "tensor '" + tensor + "': " + problem;
    }
}
