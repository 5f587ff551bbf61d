package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.expogguf.CancelledException;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** How far the loading of a model is, and what ends it before its time. */
final class LoadingTest {

    private static final LoadOptions HOW = LoadOptions.defaults();
    private static final long TENSOR_BYTES = 2L * 2_033_408; // almost: the norms are of the type F32

    private final Cancellation cancellation = new Cancellation();

    private LlamaModel load(Progress.Listener listener) throws Exception {
        return LlamaModel.load(DemoFiles.SFT, HOW, listener, cancellation);
    }

    @AfterEach
    void isNotInterrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        for (boolean mapped : new boolean[] {false, true}) {
            List<Progress> heard = new ArrayList<>();
            LlamaModel.load(DemoFiles.SFT, HOW.withMemoryMapped(mapped), heard::add, cancellation)
                    .close();
            assertThat(heard).hasSizeGreaterThan(10).allMatch(progress -> progress.stage() == Progress.Stage.LOAD);
            assertThat(heard).extracting(Progress::done).isSorted();
            assertThat(heard.getFirst().done()).isZero();
            assertThat(heard.getLast().done())
                    .isEqualTo(heard.getLast().total())
                    .isBetween(TENSOR_BYTES, TENSOR_BYTES + 20_000);
        }
    }

    @Test
    void endsWhenCancelled() {
        List<Progress> heard = new ArrayList<>();
        assertThatThrownBy(() -> load(progress -> {
                    heard.add(progress);
                    if (heard.size() == 3) {
                        cancellation.cancel();
                    }
                }))
                .isInstanceOf(CancelledException.class)
                .hasMessage("cancelled");
        assertThat(heard).hasSize(3);
    }

    @Test
    void endsWhenCancelledAtTheVeryEndOrBefore() {
        assertThatThrownBy(() -> load(progress -> {
                    if (progress.done() == progress.total()) {
                        cancellation.cancel();
                    }
                }))
                .isInstanceOf(CancelledException.class);
        List<Progress> heard = new ArrayList<>();
        assertThatThrownBy(() -> load(heard::add)).isInstanceOf(CancelledException.class);
        assertThat(heard).isEmpty();
    }

    @Test
    void endsWithWhatTheListenerThrows() {
        IllegalStateException thrown = new IllegalStateException("no more");
        assertThatThrownBy(() -> load(_ -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
        AssertionError error = new AssertionError("wrong");
        assertThatThrownBy(() -> load(_ -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @Test
    void endsWhenInterrupted() {
        assertThatThrownBy(() -> load(_ -> Thread.currentThread().interrupt()))
                .isInstanceOf(CancelledException.class)
                .hasMessage("interrupted");
        assertThat(Thread.interrupted()).isTrue();

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> LlamaModel.load(DemoFiles.SFT, HOW)).isInstanceOf(CancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void endsWhenAVirtualThreadIsInterrupted() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Thread> caller = new AtomicReference<>();
        Thread thread = Thread.ofVirtual().unstarted(() -> {
            thrown.set(catchThrowable(() -> load(_ -> {
                caller.get().interrupt();
                sleep(); // until it is known on this thread, which the listener is called on
            })));
            thrown.get().addSuppressed(new Exception("interrupted: " + Thread.interrupted()));
        });
        caller.set(thread);
        thread.start();
        thread.join();
        assertThat(thrown.get()).isInstanceOf(CancelledException.class).hasMessage("interrupted");
        assertThat(thrown.get().getSuppressed()[0]).hasMessage("interrupted: true");
    }

    private static void sleep() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where the process says what memory it has
    void leavesNoMemoryBehind() throws Exception {
        cancelAtTheEnd(20);
        long before = residentBytes();
        cancelAtTheEnd(50);
        assertThat(residentBytes() - before).isLessThan(50 * TENSOR_BYTES / 4);
    }

    private static void cancelAtTheEnd(int times) {
        for (int i = 0; i < times; i++) {
            Cancellation each = new Cancellation();
            assertThatThrownBy(() -> LlamaModel.load(
                            DemoFiles.SFT,
                            HOW,
                            progress -> {
                                if (progress.done() == progress.total()) {
                                    each.cancel();
                                }
                            },
                            each))
                    .isInstanceOf(CancelledException.class);
        }
    }

    private static long residentBytes() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
