package io.github.expogguf.run.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WriteBehindTest {

    private final BlockingQueue<Boolean> flushes = new LinkedBlockingQueue<>();

    @Test
    void flushesAtTheEndOnlyWhatIsSmall() throws IOException {
        WriteBehind writeBehind = new WriteBehind(flushes::add);
        writeBehind.wrote(WriteBehind.STEP - 1);
        writeBehind.finish();
        assertThat(flushes).containsExactly(true);
    }

    @Test
    void flushesWhileMoreIsWritten() throws InterruptedException {
        WriteBehind writeBehind = new WriteBehind(flushes::add);
        writeBehind.wrote(WriteBehind.STEP / 2);
        assertThat(flushes).isEmpty();
        writeBehind.wrote(WriteBehind.STEP / 2);
        assertThat(flushes.take()).isFalse();
    }

    @Test
    void remembersAFailureUntilTheEnd() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        WriteBehind writeBehind = new WriteBehind(withMetadata -> {
            flushes.add(withMetadata);
            if (calls.incrementAndGet() == 1) {
                throw new IOException("no space left");
            }
        });
        writeBehind.wrote(WriteBehind.STEP);
        flushes.take();
        assertThatThrownBy(writeBehind::finish).isInstanceOf(IOException.class).hasMessage("no space left");
    }
}
