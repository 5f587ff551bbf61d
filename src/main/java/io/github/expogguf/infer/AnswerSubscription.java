package io.github.expogguf.infer;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One subscriber of an answer, and the virtual thread that hands the pieces on. */
final class AnswerSubscription implements Flow.Subscription {

    private final Flow.Subscriber<? super String> subscriber;
    private long wanted; // guarded by this, as what follows
    private boolean cancelled;
    private @Nullable String refusal;
    private @Nullable ChatAnswer answer;

    private AnswerSubscription(Flow.Subscriber<? super String> subscriber) {
        this.subscriber = subscriber;
    }

    static void begin(Flow.Subscriber<? super String> subscriber, Supplier<ChatAnswer> answer) {
        AnswerSubscription subscription = new AnswerSubscription(Objects.requireNonNull(subscriber, "subscriber"));
        Thread.ofVirtual().name("expo-gguf publisher").start(() -> subscription.run(answer));
    }

    private void run(Supplier<ChatAnswer> begin) {
        subscriber.onSubscribe(this);
        try (ChatAnswer answer = begin.get()) {
            synchronized (this) {
                this.answer = answer;
            }
            while (answer.hasNext()) {
                if (!isWanted()) {
                    return;
                }
                subscriber.onNext(answer.next());
            }
        } catch (Throwable failure) {
            end(() -> subscriber.onError(failure));
            return;
        }
        end(subscriber::onComplete);
    }

    private void end(Runnable signal) {
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
        }
        signal.run();
    }

    /** Waits until a piece is wanted; returns false if none will be. */
    private synchronized boolean isWanted() throws InterruptedException {
        while (wanted == 0 && !cancelled && refusal == null) {
            wait();
        }
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        wanted--;
        return !cancelled;
    }

    @Override
    public synchronized void request(long count) {
        if (count < 1) {
            refusal = count + " pieces are requested, expected at least 1";
        } else {
            wanted = wanted + count < 0 ? Long.MAX_VALUE : wanted + count;
        }
        notifyAll();
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        if (answer != null) {
            answer.close();
        }
        notifyAll();
    }
}
