package io.github.expogguf.text.json;

/** A text that is no JSON; the message says where, what was expected, and what stands there. */
public final class JsonException extends Exception {

    private static final long serialVersionUID = 1;

    JsonException(String message) {
        super(message);
    }
}
