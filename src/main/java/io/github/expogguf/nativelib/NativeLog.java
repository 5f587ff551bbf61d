package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_log_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What ggml and llama.cpp say, joined to whole lines, goes to the {@link System.Logger} {@value #LOGGER} and nowhere
 * else: their errors and warnings at those levels, their information, of which there are pages, at {@code DEBUG}, and
 * their debugging at {@code TRACE}. What they say during a call can be captured for an exception's message. Any thread
 * may log and capture.
 */
public final class NativeLog {

    /** Name of the logger. */
    public static final String LOGGER = "io.github.expogguf.llama";

    /** Name of the logger for one line on the tensors of a model that llama.cpp does not use. */
    public static final String UNUSED_LOGGER = LOGGER + ".unused";

    // enum ggml_log_level in ggml.h, 0.25.1
    private static final int DEBUG = 1;
    private static final int INFO = 2;
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int CONTINUATION = 5;

    private static final List<Capture> CAPTURES = new CopyOnWriteArrayList<>();
    private static volatile @Nullable SharedHandlers handlers; // of the copy whose callback it is
    private static final ThreadLocal<PartialLine> PARTIAL = ThreadLocal.withInitial(PartialLine::new);

    private NativeLog() {}

    /**
     * Starts here, so that nothing is ever printed; the libraries have been loaded. Another class loader that has them,
     * too, hears what its own threads cause, whoever was first.
     */
    static void install() {
        SharedHandlers all = SharedHandlers.ofLibraries("log");
        Map<String, Object> functions = Map.of(
                "isMine", (BooleanSupplier) NativeLog::isMine,
                "hear", (BiConsumer<Integer, String>) NativeLog::hear,
                "overhear", (BiConsumer<Integer, String>) NativeLog::overhear);
        all.add(functions, () -> {
            handlers = all;
            MemorySegment callback = ggml_log_callback.allocate(NativeLog::receive, Arena.global());
            Llama.ggml_log_set(callback, MemorySegment.NULL);
            Llama.llama_log_set(callback, MemorySegment.NULL);
        });
    }

    /**
     * Collects the warnings and errors of the calling thread, and of the threads that native code starts, until it is
     * closed.
     */
    public static Capture capture() {
        return capture(false, WARN);
    }

    /** Same, and keeps those of the calling thread from the log, because the caller asked for what causes them. */
    public static Capture captureQuietly() {
        return capture(true, WARN);
    }

    /** Same, and collects information, too: some of ggml's parts say in no other way that they will not work. */
    static Capture captureEverything() {
        return capture(true, INFO);
    }

    private static Capture capture(boolean quiet, int least) {
        Capture capture = new Capture(Thread.currentThread(), quiet, least);
        CAPTURES.add(capture);
        return capture;
    }

    /** The last words of native code during a call. */
    public static final class Capture implements AutoCloseable {

        private static final int MAX_LINES = 8;

        private final Thread owner;
        private final boolean quiet;
        private final int least; // level of what is collected
        private final UnusedTensors unused = new UnusedTensors();
        private final Deque<Line> lines = new ArrayDeque<>();

        private Capture(Thread owner, boolean quiet, int least) {
            this.owner = owner;
            this.quiet = quiet;
            this.least = least;
        }

        private synchronized void add(Line line) {
            if (line.level < least) {
                return;
            }
            lines.add(line);
            if (lines.size() > MAX_LINES) {
                lines.remove();
            }
        }

        /** The last errors, oldest first; where there are none, the last warnings. */
        public synchronized List<String> lines() {
            int worst = lines.stream().mapToInt(Line::level).max().orElse(ERROR);
            return lines.stream()
                    .filter(line -> line.level == worst)
                    .map(Line::text)
                    .toList();
        }

        /** The same in one line, for an exception's message. */
        public String text() {
            List<String> said = lines();
            return said.isEmpty() ? "llama.cpp gave no reason" : String.join("; ", said);
        }

        @Override
        public void close() {
            CAPTURES.remove(this);
            unused.line().ifPresent(line -> System.getLogger(UNUSED_LOGGER).log(System.Logger.Level.WARNING, line));
        }
    }

    private record Line(int level, String text) {}

    /** What a thread has said since its last line break. */
    private static final class PartialLine {
        private final StringBuilder text = new StringBuilder();
        private int level = INFO;
    }

    private static void receive(int level, MemorySegment text, MemorySegment unused) {
        try {
            accept(level, text.address() == 0 ? "" : text.getString(0));
        } catch (Throwable _) {
            // nothing may leave an upcall: the JVM would exit
        }
    }

    static void accept(int level, String text) {
        PartialLine partial = PARTIAL.get();
        if (level != CONTINUATION) {
            finish(partial);
            partial.level = level;
        }
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            partial.text.append(text, start, end);
            finish(partial);
            start = end + 1;
        }
        partial.text.append(text, start, text.length());
    }

    private static void finish(PartialLine partial) {
        String text = partial.text.toString().strip();
        partial.text.setLength(0);
        if (!text.isEmpty()) {
            dispatch(partial.level, text);
        }
    }

    /** To whoever has the thread; where that is nobody, all take note, and the first logs it. */
    private static void dispatch(int level, String text) {
        if (handlers == null) { // no native code is there yet
            hear(level, text);
            return;
        }
        List<SharedHandlers.Copy> copies = handlers.all();
        Optional<SharedHandlers.Copy> owner =
                copies.stream().filter(SharedHandlers.Copy::isMine).findFirst();
        if (owner.isEmpty()) {
            copies.stream().skip(1).forEach(copy -> copy.accept("overhear", level, text));
        }
        owner.orElse(copies.getFirst()).accept("hear", level, text);
    }

    private static boolean isMine() {
        Thread current = Thread.currentThread();
        return CAPTURES.stream().anyMatch(capture -> capture.owner.equals(current));
    }

    /** A whole line of this copy's own. */
    private static void hear(int level, String text) {
        if (level == WARN && isUnusedTensor(text)) {
            System.getLogger(LOGGER).log(System.Logger.Level.DEBUG, text);
            return;
        }
        overhear(level, text);
        System.getLogger(LOGGER).log(logLevel(level), text);
    }

    private static void overhear(int level, String text) {
        if (level == INFO || level == WARN || level == ERROR) {
            collect(new Line(level, text));
        }
    }

    private static System.Logger.Level logLevel(int level) {
        return switch (level) {
            case ERROR -> isQuiet() ? System.Logger.Level.DEBUG : System.Logger.Level.ERROR;
            case WARN -> isQuiet() ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            case DEBUG -> System.Logger.Level.TRACE;
            default -> System.Logger.Level.DEBUG;
        };
    }

    /** Counted by the capture of the thread; without one the line stays what it is. */
    private static boolean isUnusedTensor(String text) {
        Thread current = Thread.currentThread();
        return CAPTURES.stream().anyMatch(capture -> capture.owner.equals(current) && capture.unused.take(text));
    }

    private static boolean isQuiet() {
        Thread current = Thread.currentThread();
        return CAPTURES.stream().anyMatch(capture -> capture.quiet && capture.owner.equals(current));
    }

    private static void collect(Line line) {
        Thread current = Thread.currentThread();
        boolean ownerKnown = isMine();
        for (Capture capture : CAPTURES) {
            if (capture.owner.equals(current) || !ownerKnown) {
                capture.add(line);
            }
        }
    }
}
