package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkersTest {

    private static WorkOptions threads(int count) {
        return WorkOptions.defaults().withThreads(count);
    }

    @Test
    void runsTheJobOnEveryThread() throws IOException {
        AtomicInteger runs = new AtomicInteger();
        Workers.run(threads(5), "test", workers -> runs.incrementAndGet());
        assertThat(runs).hasValue(5);
    }

    @Test
    void throwsTheFirstFailureAndStopsTheOthers() {
        AtomicInteger number = new AtomicInteger();
        assertThatThrownBy(() -> Workers.run(threads(3), "test", workers -> {
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
        assertThatThrownBy(() -> Workers.run(threads(3), "test", workers -> {
                    throw remembered;
                }))
                .isSameAs(remembered)
                .hasNoSuppressedExceptions();
    }

    @Test
    void endsWhenCancelled() {
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() -> Workers.run(threads(2).withCancellation(cancellation), "test", workers -> {
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
        Workers.run(threads(2), "test", workers -> runs.incrementAndGet());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runs).hasValue(2);
    }
}
