package io.github.expogguf.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;

/** What reading small files may cost: a second of the processor and 256 MB, all garbage included. */
public final class Bounds {

    /** How many times as much it may be: a fuzzer's instruments take time and memory, too. */
    static final String SLACK = "expo.gguf.fuzz.slack";

    private static final long MAX_NANOS = 1_000_000_000L * Long.getLong(SLACK, 1);
    private static final long MAX_BYTES = (256L << 20) * Long.getLong(SLACK, 1);

    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Bounds() {}

    /** Something that reads. */
    @FunctionalInterface
    public interface Reading {
        void run() throws IOException;
    }

    /**
     * Reads, and throws if that took more of this thread's time or memory; twice, as the first time loads classes, too.
     */
    public static void check(Reading reading) {
        if (isTooMuch(cost(reading))) {
            Cost again = cost(reading);
            if (isTooMuch(again)) {
                throw new IllegalStateException(
                        "took " + again.nanos / 1_000_000 + " ms and " + (again.bytes >> 20) + " MB");
            }
        }
    }

    private record Cost(long nanos, long bytes) {}

    private static boolean isTooMuch(Cost cost) {
        return cost.nanos > MAX_NANOS || cost.bytes > MAX_BYTES;
    }

    private static Cost cost(Reading reading) {
        long nanos = THREAD.getCurrentThreadCpuTime();
        long bytes = THREAD.getCurrentThreadAllocatedBytes();
        try {
            reading.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Cost(THREAD.getCurrentThreadCpuTime() - nanos, THREAD.getCurrentThreadAllocatedBytes() - bytes);
    }
}
