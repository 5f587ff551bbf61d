package io.github.expogguf.infer;

import io.github.expogguf.CancelledException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a {@link ChatServer} while it is made. It is made whether it is read or not; what was not read yet is
 * kept. Threads that wait for it may be virtual; a thread that is interrupted while it waits closes it and ends with
 * {@link CancelledException}. Safe for any thread, though one alone should read.
 *
 * <pre>{@code
 * try (ChatAnswer answer = server.answer(messages, GenerationOptions.greedy(256))) {
 *     answer.forEachRemaining(System.out::print);
 * }
 * }</pre>
 */
public final class ChatAnswer implements Iterator<String>, AutoCloseable {

    private final int[] prompt;
    private final GenerationOptions how;
    private final CompletableFuture<Generation> completion = new CompletableFuture<>();
    private final StringBuilder unread = new StringBuilder(); // guarded by this, as what follows
    private @Nullable Generation result;
    private @Nullable Throwable failure;
    private int reusedTokens;
    private volatile boolean closed;

    ChatAnswer(int[] prompt, GenerationOptions how) {
        this.prompt = prompt;
        this.how = how;
    }

    /**
     * Waits for the next piece of text or the end of the answer.
     *
     * @throws io.github.expogguf.InferenceException if llama.cpp fails
     * @throws CancelledException                    if it was cancelled, or the calling thread is interrupted
     */
    @Override
    public synchronized boolean hasNext() {
        awaitUntil(() -> !unread.isEmpty() || isAtEnd());
        if (unread.isEmpty()) {
            requireNoFailure();
        }
        return !unread.isEmpty();
    }

    /** All that came since the last call, whole characters, at least one; waits as {@link #hasNext} does. */
    @Override
    public synchronized String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the answer is at its end");
        }
        String text = unread.toString();
        unread.setLength(0);
        return text;
    }

    /**
     * Waits for the answer as a whole; pieces may still be read afterwards.
     *
     * @return the whole answer, and why it ended
     * @throws io.github.expogguf.InferenceException if llama.cpp fails
     * @throws CancelledException                    if it was cancelled, or the calling thread is interrupted
     */
    public synchronized Generation result() {
        awaitUntil(this::isAtEnd);
        requireNoFailure();
        if (result == null) {
            throw new AssertionError("an end without a result");
        }
        return result;
    }

    /**
     * {@return the answer as a whole, when it is at its end; completed with the exception of {@link #result} if there
     * is one} What depends on it runs on a virtual thread.
     */
    public CompletionStage<Generation> completion() {
        return completion.minimalCompletionStage();
    }

    /** {@return tokens of the prompt that were known from an earlier answer; 0 before the prompt is read} */
    public synchronized int reusedTokens() {
        return reusedTokens;
    }

    /** Ends the answer soon, as stopped if it is not at its end; returns at once. */
    @Override
    public void close() {
        closed = true;
    }

    private boolean isAtEnd() {
        return result != null || failure != null;
    }

    private synchronized void awaitUntil(BooleanSupplier isReady) {
        try {
            while (!isReady.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException _) {
            close();
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        }
    }

    private void requireNoFailure() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    int[] prompt() {
        return prompt;
    }

    GenerationOptions how() {
        return how;
    }

    /** Whether nobody wants more of it. */
    boolean isUnwanted() {
        return closed || how.isCancelled();
    }

    synchronized void setReusedTokens(int tokens) {
        reusedTokens = tokens;
    }

    synchronized void add(String text) {
        if (!text.isEmpty()) {
            unread.append(text);
            notifyAll();
        }
    }

    /** Ends it with what there is; as cancelled if that is why. */
    void end(Generation generation) {
        if (how.isCancelled() && generation.finishReason() == Generation.FinishReason.STOPPED) {
            fail(new CancelledException("cancelled"));
            return;
        }
        synchronized (this) {
            result = generation;
            notifyAll();
        }
        completion.completeAsync(() -> generation, Thread::startVirtualThread);
    }

    void fail(Throwable thrown) {
        synchronized (this) {
            failure = thrown;
            notifyAll();
        }
        Thread.startVirtualThread(() -> completion.completeExceptionally(thrown));
    }
}
