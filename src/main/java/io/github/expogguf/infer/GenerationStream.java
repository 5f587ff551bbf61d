package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.Decoder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * An answer while it is made: every call of {@link #next} computes as many tokens as the next piece of text needs.
 * Closing it ends the answer and frees the context for other calls. Any thread may, one at a time: the others wait.
 *
 * <pre>{@code
 * try (GenerationStream answer = context.stream(prompt, GenerationOptions.greedy(256))) {
 *     answer.forEachRemaining(System.out::print);
 * }
 * }</pre>
 */
public final class GenerationStream implements Iterator<String>, AutoCloseable {

    private final Decoder decoder;
    private final BatchedGenerator generator;
    private final Deque<String> pieces = new ArrayDeque<>();
    private boolean closed;

    GenerationStream(Decoder decoder, int contextTokens, int[] prompt, GenerationOptions how) {
        this.decoder = decoder;
        decoder.stopWhen(how::isCancelled);
        this.generator = new BatchedGenerator(decoder, 1, contextTokens, List.of(prompt), how, (index, text) -> {
            if (!text.isEmpty()) {
                pieces.add(text);
            }
            return true;
        });
    }

    /** Computes until there is a piece of text or the answer is at its end. */
    @Override
    public synchronized boolean hasNext() {
        while (pieces.isEmpty() && generator.isUnderWay()) {
            generator.step();
        }
        return !pieces.isEmpty();
    }

    /** Whole characters, at least one. */
    @Override
    public synchronized String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the answer is at its end");
        }
        return pieces.remove();
    }

    /**
     * {@return the answer as a whole}
     *
     * @throws IllegalStateException if it is neither at its end nor closed
     */
    public synchronized Generation result() {
        if (generator.isUnderWay()) {
            throw new IllegalStateException("the answer is not at its end");
        }
        return generator.results().getFirst();
    }

    /** Ends the answer, as stopped if it was not at its end. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try {
                generator.close();
            } finally {
                decoder.close();
            }
        }
    }
}
