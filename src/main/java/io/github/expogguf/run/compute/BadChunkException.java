package io.github.expogguf.run.compute;

import io.github.expogguf.plan.task.TensorTask;

/**
 * A worker met NaN, infinity or values beyond the target type. It carries the place only; {@link BadTensor} then counts
 * over the whole tensor, which is worth the time once and not in every chunk.
 */
final class BadChunkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient TensorTask task;

    BadChunkException(TensorTask task, String message) {
        super(message, null, false, false);
        this.task = task;
    }

    TensorTask task() {
        return task;
    }
}
