package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkersTest {

    @Test
    void runsTheJobOnEveryThread() throws IOException {
        AtomicInteger runs = new AtomicInteger();
        Workers.run(5, new Cancellation(), "test", workers -> runs.incrementAndGet());
        assertThat(runs).hasValue(5);
    }

    @Test
    void throwsTheFirstFailureAndStopsTheOthers() {
        AtomicInteger number = new AtomicInteger();
        assertThatThrownBy(() -> Workers.run(3, new Cancellation(), "test", workers -> {
                    if (number.getAndIncrement() == 0) {
                        throw new IOException("the disk is gone");
                    }
                    while (!workers.stopped()) {
                        Thread.onSpinWait();
                    }
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("the disk is gone");
    }

    @Test
    void oneFailureOfAllThreadsIsThrownOnce() {
        IOException remembered = new IOException("no libraries");
        assertThatThrownBy(() -> Workers.run(3, new Cancellation(), "test", workers -> {
                    throw remembered;
                }))
                .isSameAs(remembered)
                .hasNoSuppressedExceptions();
    }

    @Test
    void endsWhenCancelled() {
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() -> Workers.run(2, cancellation, "test", workers -> {
                    cancellation.cancel();
                    while (!workers.stopped()) {
                        Thread.onSpinWait();
                    }
                }))
                .isInstanceOf(CancelledException.class);
    }

    @Test
    void keepsAnInterruptForTheCaller() throws IOException {
        Thread.currentThread().interrupt();
        AtomicInteger runs = new AtomicInteger();
        Workers.run(2, new Cancellation(), "test", workers -> runs.incrementAndGet());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runs).hasValue(2);
    }
}
