package io.github.expogguf.gguf;

/** A header that would break {@link GgufLimits}, so that no reader here would take the file. */
public final class HeaderTooLargeException extends IllegalArgumentException {

    HeaderTooLargeException(String message) {
        super(message);
    }
}
