package io.github.expogguf.plan;

import io.github.expogguf.UnsupportedTypeException;

/** Tensors that cannot be quantized to their types without importances, and have none. */
public final class MissingImportanceException extends UnsupportedTypeException {

    private static final long serialVersionUID = 1L;

    private final transient ImportanceCoverage coverage;
    /** Whether there is an importance matrix at all. */
    private final boolean hasImatrix;

    MissingImportanceException(String message, ImportanceCoverage coverage, boolean hasImatrix) {
        super(message);
        this.coverage = coverage;
        this.hasImatrix = hasImatrix;
    }

    /** {@return which tensors have importances, and which would need some} */
    public ImportanceCoverage coverage() {
        return coverage;
    }

    /** {@return whether there was an imatrix, which does not have them} */
    public boolean hasImatrix() {
        return hasImatrix;
    }
}
