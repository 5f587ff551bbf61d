package io.github.expogguf.quant;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two implementations of the same work with the same results: plain Java, which is quick from the first call, and SIMD code,
 * which is faster once the JIT compiler has translated it and hundreds of times slower before: until then every vector
 * operation is a call that allocates. So plain Java serves first. Where there is much to do, a thread of low priority exercises
 * the SIMD code beside it, and that takes over as soon as it has proved to be no slower. Any thread may call.
 *
 * @param <K> the kind of implementation
 */
public final class Warming<K> {

    /**
     * Elements after which the exercise begins. It takes a core about half a second, and plain Java spends some ten thousandths
     * of a microsecond more on an element than SIMD code: less work than this is done before it would pay.
     */
    private static final long ELEMENTS_BEFORE = 1L << 32;

    /** The exercise ends when SIMD code takes at most this much of the time of plain Java. */
    private static final double GOOD_ENOUGH = 1.1;

    /** In a row, since a short exercise may be interrupted. */
    private static final int WINS_NEEDED = 3;

    private static final long MAX_NANOS = 30_000_000_000L;

    private final long elementsBefore;
    private final AtomicLong elements;
    private final K plain;
    private final Supplier<K> simd;
    private final Consumer<K> exercise;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile K chosen;

    /**
     * Begins with plain Java.
     *
     * @param plain    implementation that serves first
     * @param simd     the other; asked for only if the vector module is there
     * @param exercise uses an implementation on a few thousand elements, as it will be used
     */
    public Warming(K plain, Supplier<K> simd, Consumer<K> exercise) {
        this(ELEMENTS_BEFORE, new AtomicLong(), plain, simd, exercise);
    }

    /** The same, where the exercise pays after another number of elements, counted together with others of its kind. */
    Warming(long elementsBefore, AtomicLong elements, K plain, Supplier<K> simd, Consumer<K> exercise) {
        this.elementsBefore = elementsBefore;
        this.elements = elements;
        this.plain = plain;
        this.simd = simd;
        this.exercise = exercise;
        this.chosen = plain;
    }

    /** The implementation for the next piece of work, which has this many elements. */
    public K choose(long count) {
        if (!started.get()
                && elements.addAndGet(count) > elementsBefore
                && VectorSupport.isAvailable()
                && started.compareAndSet(false, true)) {
            Thread thread = Thread.ofPlatform().name("expo-warm-up").daemon().unstarted(this::warmUp);
            thread.setPriority(Thread.MIN_PRIORITY);
            thread.start();
        }
        return chosen;
    }

    private void warmUp() {
        K candidate = simd.get();
        long end = System.nanoTime() + MAX_NANOS;
        int wins = 0;
        do {
            long nanos = nanos(candidate);
            wins = nanos <= GOOD_ENOUGH * nanos(plain) ? wins + 1 : 0;
            if (wins == WINS_NEEDED) {
                chosen = candidate;
                return;
            }
            LockSupport.parkNanos(nanos); // the compiler needs the core more
        } while (System.nanoTime() < end);
    }

    private long nanos(K implementation) {
        long start = System.nanoTime();
        exercise.accept(implementation);
        return System.nanoTime() - start;
    }
}
