package io.github.expogguf;

import java.util.Objects;

/**
 * What the library throws when it refuses an input, a request or an environment. The message says where, what, actual
 * and expected. I/O failures stay {@link java.io.IOException} or {@link java.io.UncheckedIOException}; wrong arguments
 * are {@link IllegalArgumentException}.
 */
public abstract sealed class ExpoException extends RuntimeException
        permits GgufFormatException,
                SafetensorsFormatException,
                ModelMismatchException,
                UnsupportedTypeException,
                MissingBlocksException,
                NonFiniteException,
                NativeLibraryException,
                InferenceException,
                VerificationException,
                PromptException,
                JudgeException,
                CancelledException {

    ExpoException(String message) {
        super(message);
    }

    ExpoException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong; always there. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
