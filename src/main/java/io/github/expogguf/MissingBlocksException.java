package io.github.expogguf;

/** A model that announces blocks for multi-token prediction which it does not have. */
public final class MissingBlocksException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message names the model, the blocks and the keys that announce them
     */
    public MissingBlocksException(String message) {
        super(message);
    }
}
