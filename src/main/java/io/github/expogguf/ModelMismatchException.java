package io.github.expogguf;

import java.util.List;

/** Two models that are not a pair. The message holds every difference, grouped and counted. */
public final class ModelMismatchException extends ExpoException {

    private final List<String> differences;
    private final List<String> keys;

    /**
     * @param message     the whole report
     * @param differences one line each, in the order of the report
     */
    public ModelMismatchException(String message, List<String> differences) {
        this(message, differences, List.of());
    }

    /** @param keys the hyper-parameters that differ, if nothing else does */
    public ModelMismatchException(String message, List<String> differences, List<String> keys) {
        super(message);
        this.differences = List.copyOf(differences);
        this.keys = List.copyOf(keys);
    }

    /** Every difference, one line each. */
    public List<String> differences() {
        return differences;
    }

    /**
     * The hyper-parameters that differ where nothing else does, so that accepting them would make a pair; else empty.
     */
    public List<String> keys() {
        return keys;
    }
}
