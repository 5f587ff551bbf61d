package io.github.expogguf;

import java.util.List;

/** Two models that are not a pair. The message holds every difference, grouped and counted. */
public final class ModelMismatchException extends ExpoException {

    /** All of them, each in one line. */
    private final List<String> differences;
    /** Of hyper-parameters, where these alone differ. */
    private final List<String> keys;

    /**
     * A failure with what there is to know about it.
     *
     * @param message     the whole report
     * @param differences one line each, in the order of the report
     */
    public ModelMismatchException(String message, List<String> differences) {
        this(message, differences, List.of());
    }

    /**
     * A failure with what there is to know about it.
     *
     * @param message     what does not match, for people
     * @param differences each in one line
     * @param keys        the hyper-parameters that differ, if nothing else does
     */
    public ModelMismatchException(String message, List<String> differences, List<String> keys) {
        super(message);
        this.differences = List.copyOf(differences);
        this.keys = List.copyOf(keys);
    }

    /** {@return every difference, one line each} */
    public List<String> differences() {
        return differences;
    }

    /**
     * {@return the hyper-parameters that differ where nothing else does, so that accepting them would make a pair; else
     * empty}
     */
    public List<String> keys() {
        return keys;
    }
}
