package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NativeLogTest {

    private static final int DEBUG = 1;
    private static final int INFO = 2;
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int CONTINUATION = 5;

    private final List<String> logged = new ArrayList<>();
    private final Logger logger = Logger.getLogger(NativeLog.LOGGER); // the JDK's System.Logger ends here
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        NativeLog.accept(INFO, "\n"); // an end to what an earlier test may have begun
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
        logger.setLevel(null);
        logger.setUseParentHandlers(true);
    }

    @Test
    void informationStaysBelowWhatALoggerPrintsByDefault() {
        NativeLog.accept(DEBUG, "details\n");
        NativeLog.accept(INFO, "loaded\n");
        NativeLog.accept(WARN, "odd\n");
        NativeLog.accept(ERROR, "wrong\n");
        assertThat(logged).containsExactly("FINER details", "FINE loaded", "WARNING odd", "SEVERE wrong");
    }

    @Test
    void tensorsThatLlamaCppDoesNotUseAreOneLine() {
        try (NativeLog.Capture _ = NativeLog.capture()) {
            for (int i = 0; i < 5; i++) {
                NativeLog.accept(
                        WARN, "model has unused tensor blk.7.t" + i + ".weight (size = 12 bytes) -- ignoring\n");
            }
        }
        String line =
                "WARNING llama.cpp does not use 5 tensors of the model: blk.7.t0.weight, blk.7.t1.weight, blk.7.t2.weight"
                        + " and 2 more";
        assertThat(logged).filteredOn(text -> !text.startsWith("FINE")).containsExactly(line);
        try (NativeLog.Capture _ = NativeLog.capture()) { // the same model again
            for (int i = 0; i < 5; i++) {
                NativeLog.accept(
                        WARN, "model has unused tensor blk.7.t" + i + ".weight (size = 12 bytes) -- ignoring\n");
            }
        }
        assertThat(logged).filteredOn(text -> !text.startsWith("FINE")).containsExactly(line);
    }

    @Test
    void continuationsJoinTheLineTheyContinue() {
        NativeLog.accept(WARN, "loading ");
        NativeLog.accept(CONTINUATION, ".");
        NativeLog.accept(CONTINUATION, ".");
        NativeLog.accept(CONTINUATION, "\n");
        assertThat(logged).containsExactly("WARNING loading ..");
    }

    @Test
    void aLineThatWasNotFinishedEndsWhereTheNextBegins() {
        NativeLog.accept(INFO, "first");
        NativeLog.accept(ERROR, "second\nthird\n\n");
        assertThat(logged).containsExactly("FINE first", "SEVERE second", "SEVERE third");
    }

    @Test
    void aCaptureHoldsTheLastErrors() {
        try (NativeLog.Capture capture = NativeLog.capture()) {
            NativeLog.accept(WARN, "odd\n");
            assertThat(capture.text()).isEqualTo("odd");
            for (int i = 0; i < 20; i++) {
                NativeLog.accept(ERROR, "wrong " + i + "\n");
            }
            NativeLog.accept(INFO, "bye\n");
            assertThat(capture.lines()).hasSize(8).startsWith("wrong 12").endsWith("wrong 19");
        }
    }

    @Test
    void aCaptureHearsItsOwnThreadAndThoseOfNativeCodeOnly() throws InterruptedException {
        try (NativeLog.Capture mine = NativeLog.capture()) {
            Thread other = Thread.ofPlatform().start(() -> {
                try (NativeLog.Capture theirs = NativeLog.capture()) {
                    NativeLog.accept(ERROR, "theirs\n");
                    assertThat(theirs.lines()).containsExactly("theirs");
                }
            });
            other.join();
            assertThat(mine.text()).isEqualTo("llama.cpp gave no reason");
            Thread.ofPlatform()
                    .start(() -> NativeLog.accept(ERROR, "a worker's\n"))
                    .join();
            NativeLog.accept(ERROR, "mine\n");
            assertThat(mine.text()).isEqualTo("a worker's; mine");
        }
    }
}
