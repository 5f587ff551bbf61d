package io.github.expogguf;

import java.util.List;

/** Two models that are not a pair. The message holds every difference, grouped and counted. */
public final class ModelMismatchException extends ExpoException {

    private final List<String> differences;

    /**
     * @param message     the whole report
     * @param differences one line each, in the order of the report
     */
    public ModelMismatchException(String message, List<String> differences) {
        super(message);
        this.differences = List.copyOf(differences);
    }

    /** Every difference, one line each. */
    public List<String> differences() {
        return differences;
    }
}
