package io.github.expogguf.infer;

import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.decode.Decoder;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a {@link ChatSession} while it is made: every call of {@link #next} computes as many tokens as the next
 * piece of text needs. The session is in use until it is at its end or closed. One thread reads; any thread may close,
 * which ends a step that is under way soon.
 *
 * <pre>{@code
 * try (ChatStream answer = session.stream(ChatMessage.user("Which city rules Chile?"), how)) {
 *     answer.forEachRemaining(System.out::print);
 * }
 * }</pre>
 */
public final class ChatStream implements Iterator<String>, AutoCloseable {

    private final KnownSequence sequence;
    private final Decoder decoder;
    private final int[] prompt;
    private final GenerationOptions how;
    private final BooleanSupplier stop;
    private final Consumer<Generation> whenDone;
    private volatile boolean closed;
    private final StringBuilder unread = new StringBuilder(); // guarded by this, as what follows
    private @Nullable GrowingAnswer growing;
    private @Nullable Generation result;
    private boolean released;

    /**
     * Takes over the use of the context.
     *
     * @param stop     ends the answer, as stopped; asked often, on any thread
     * @param whenDone told what was answered, unless that failed
     */
    ChatStream(
            KnownSequence sequence,
            Decoder decoder,
            int[] prompt,
            GenerationOptions how,
            BooleanSupplier stop,
            Consumer<Generation> whenDone) {
        this.sequence = sequence;
        this.decoder = decoder;
        this.prompt = prompt;
        this.how = how;
        this.stop = stop;
        this.whenDone = whenDone;
    }

    /**
     * Computes until there is a piece of text or the answer is at its end.
     *
     * @throws io.github.expogguf.InferenceException if llama.cpp fails
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    @Override
    public synchronized boolean hasNext() {
        while (unread.isEmpty() && !released) {
            step(text -> {
                unread.append(text);
                return true;
            });
        }
        return !unread.isEmpty();
    }

    /** Whole characters, at least one. */
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
     * {@return the answer as a whole}
     *
     * @throws IllegalStateException if it is neither at its end nor closed, or failed
     */
    public synchronized Generation result() {
        if (result == null) {
            throw new IllegalStateException("the answer is not at its end");
        }
        return result;
    }

    /** Ends the answer, as stopped if it was not at its end, and lets go of the session; waits until that is done. */
    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (!released) {
                end(growing == null ? unseen() : growing.result());
                release();
            }
        }
    }

    /** Answers to the end; a listener that returns false ends the answer, as stopped. */
    synchronized Generation answer(Predicate<String> listener) {
        while (!released) {
            step(listener);
        }
        return result();
    }

    private boolean isStopped() {
        return closed || how.isCancelled() || stop.getAsBoolean();
    }

    /** Reads the prompt, or computes with the token that was chosen last; then chooses the next one. */
    private void step(Predicate<String> listener) {
        boolean consistent = false;
        try {
            int output;
            if (growing == null) {
                output = sequence.read(decoder, prompt, this::isStopped);
                if (output < 0) {
                    how.checkCancelled();
                    end(unseen());
                    return;
                }
                growing =
                        new GrowingAnswer(how, how.sampling().seed(), prompt, sequence.length(), decoder.vocabulary());
            } else {
                how.checkCancelled();
                output = sequence.add(decoder, growing.lastToken());
            }
            take(growing, output, listener);
            consistent = true;
        } finally {
            if (!consistent) {
                sequence.forgetAll(decoder);
            }
            if (!consistent || result != null) {
                release();
            }
        }
    }

    private void take(GrowingAnswer answer, int output, Predicate<String> listener) {
        String text = answer.take(decoder, output, sequence.isFull());
        boolean isNews = !answer.isEndedByModel() || !text.isEmpty();
        if (isNews && (!listener.test(text) || closed || stop.getAsBoolean())) {
            answer.stop();
        }
        if (answer.isAtEnd()) {
            end(answer.result());
        }
    }

    private Generation unseen() {
        return new Generation("", List.of(), prompt.length, FinishReason.STOPPED);
    }

    private void end(Generation answer) {
        result = answer;
        whenDone.accept(answer);
    }

    private void release() {
        released = true;
        if (growing != null) {
            growing.close();
        }
        decoder.closeKeeping();
    }
}
