package io.github.expogguf.thread;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** Throws what another thread threw; written as {@code throw Failure.of(e)}. */
public final class Failure {

    private Failure() {}

    /** Of work that may fail to read or write a file. */
    public static RuntimeException of(ExecutionException e) throws IOException {
        return of(Objects.requireNonNull(e.getCause()));
    }

    /** Same. */
    public static RuntimeException of(Throwable cause) throws IOException {
        if (cause instanceof IOException e) {
            throw e;
        }
        return unchecked(cause);
    }

    /** Of work that has no checked exception to throw. */
    public static RuntimeException unchecked(ExecutionException e) {
        return unchecked(Objects.requireNonNull(e.getCause()));
    }

    private static RuntimeException unchecked(Throwable cause) {
        return switch (cause) {
            case Error e -> throw e;
            case RuntimeException e -> e;
            default -> new IllegalStateException(cause);
        };
    }
}
