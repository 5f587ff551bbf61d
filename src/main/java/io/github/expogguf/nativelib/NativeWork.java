package io.github.expogguf.nativelib;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a thread asks of native code, so that {@link NativeAbort} can say what it was if that is the end of the process.
 * Costs less than a microsecond; the words are only made when they are needed. Used by one thread.
 */
public final class NativeWork implements AutoCloseable {

    private static final int MAX_NAMED = 4;

    private static final Map<Thread, NativeWork> CURRENT = new ConcurrentHashMap<>();

    private final Thread thread;
    private final Supplier<String> description;
    private final @Nullable NativeWork around;

    private NativeWork(Thread thread, Supplier<String> description, @Nullable NativeWork around) {
        this.thread = thread;
        this.description = description;
        this.around = around;
    }

    /**
     * Begins work on the calling thread; inside other work, for as long as this lasts.
     *
     * @param description where and what, printable, as {@code model.gguf: tensor 'output.weight'}
     */
    public static NativeWork begin(Supplier<String> description) {
        Thread thread = Thread.currentThread();
        NativeWork work = new NativeWork(thread, description, CURRENT.get(thread));
        CURRENT.put(thread, work);
        return work;
    }

    /**
     * What a thread is at; for threads that native code started itself, what all others are at, since one of them
     * asked for it.
     *
     * @return nothing if nobody said
     */
    static List<String> of(Thread thread) {
        NativeWork own = CURRENT.get(thread);
        return own != null
                ? List.of(own.description.get())
                : CURRENT.values().stream()
                        .map(work -> work.description.get())
                        .distinct()
                        .sorted()
                        .limit(MAX_NAMED)
                        .toList();
    }

    /** Whether a thread is at something. */
    static boolean isOf(Thread thread) {
        return CURRENT.containsKey(thread);
    }

    @Override
    public void close() {
        if (around == null) {
            CURRENT.remove(thread);
        } else {
            CURRENT.put(thread, around);
        }
    }
}
