package io.github.expogguf.simd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two implementations of the same work with the same results: plain Java, which is quick from the first call, and SIMD
 * code, which is faster once the JIT compiler has translated it and hundreds of times slower before: until then every
 * vector operation is a call that allocates. So plain Java serves first. Where there is much to do, a thread of low
 * priority exercises the SIMD code beside it, and that takes over as soon as it has proved to be no slower. Where it is
 * told how long the work took ({@link #took}), it also goes back: the JIT compiler may throw its translation away in
 * the middle of the work, and what takes its place may be slow for good. Any thread may call.
 *
 * @param <K> the kind of implementation
 */
public final class Warming<K> {

    /**
     * Elements after which the exercise begins. It takes a core about half a second, and plain Java spends some ten
     * thousandths of a microsecond more on an element than SIMD code: less work than this is done before it would pay.
     */
    private static final long ELEMENTS_BEFORE = 1L << 32;

    /** The exercise ends when SIMD code takes at most this much of the time of plain Java. */
    private static final double GOOD_ENOUGH = 1.1;

    /** In a row, since a short exercise may be interrupted. */
    private static final int WINS_NEEDED = 3;

    private static final long MAX_NANOS = 30_000_000_000L;

    /** SIMD code has become slow when it takes so many times as long as plain Java did in the exercise. */
    private static final int SLOW = 3;

    /** In a row: where many threads share a core, a few pieces of work may take as long by chance. */
    private static final int SLOW_NEEDED = 32;

    /** How often SIMD code may prove itself again. */
    private static final int MAX_RETURNS = 2;

    /** Cores that the exercise and the JIT compiler's threads take. */
    private static final int CORES_TO_WARM_UP = 3;

    private static final long MAX_WAIT_MILLIS = 3000;

    /** Announced work that is worth waiting for, in terms of that after which the exercise begins. */
    private static final long MUCH = 4;

    private static final System.Logger LOG = System.getLogger(Warming.class.getName());

    private final long elementsBefore;
    private final AtomicLong elements;
    private final K plain;
    private final Supplier<K> simd;
    private final Consumer<K> exercise;
    private final AtomicBoolean started = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger slow = new AtomicInteger();
    private volatile boolean isAwaited;
    private volatile long plainNanos; // of the exercise, at best
    private volatile K chosen;
    private int returns;

    /**
     * Begins with plain Java.
     *
     * @param plain    implementation that serves first
     * @param simd     the other; asked for only if the vector module is there
     * @param exercise uses an implementation on a few thousand elements, as it will be used
     */
    public Warming(K plain, Supplier<K> simd, Consumer<K> exercise) {
        this(ELEMENTS_BEFORE, plain, simd, exercise);
    }

    /**
     * The same, where the exercise pays after another number of elements.
     *
     * @param elementsBefore elements after which it begins
     */
    public Warming(long elementsBefore, K plain, Supplier<K> simd, Consumer<K> exercise) {
        this(elementsBefore, new AtomicLong(), plain, simd, exercise);
    }

    /** The same, where elements are counted together with others of their kind. */
    public Warming(long elementsBefore, AtomicLong elements, K plain, Supplier<K> simd, Consumer<K> exercise) {
        this.elementsBefore = elementsBefore;
        this.elements = elements;
        this.plain = plain;
        this.simd = simd;
        this.exercise = exercise;
        this.chosen = plain;
    }

    /**
     * Announces work. Much of it starts the exercise at once; and where cores are few, {@link #choose} then waits for
     * its end: what plain Java did meanwhile would take from the JIT compiler more than it brings.
     *
     * @param count elements that are to come
     */
    public void expect(long count) {
        if (count / MUCH > elementsBefore) {
            isAwaited = start() && Runtime.getRuntime().availableProcessors() <= CORES_TO_WARM_UP;
        }
    }

    /** The implementation for the next piece of work, which has this many elements. */
    public K choose(long count) {
        if (!started.get() && elements.addAndGet(count) > elementsBefore) {
            start();
        }
        if (isAwaited) {
            await();
        }
        return chosen;
    }

    /**
     * Tells how long a piece of work took.
     *
     * @param used      what {@link #choose} gave for it
     * @param exercises how many times the exercise's work it was
     * @param nanos     time that it took
     */
    @SuppressWarnings("ReferenceEquality") // which of the two it is
    public void took(K used, double exercises, long nanos) {
        if (used == plain) {
            return;
        }
        if (nanos <= SLOW * exercises * plainNanos) {
            slow.set(0);
        } else if (slow.incrementAndGet() >= SLOW_NEEDED) {
            giveWay(used);
        }
    }

    @SuppressWarnings("ReferenceEquality") // which of the two it is
    private synchronized void giveWay(K used) {
        if (chosen != used) {
            return; // another thread was quicker
        }
        chosen = plain;
        slow.set(0);
        boolean again = returns++ < MAX_RETURNS;
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "SIMD code has become slow; plain code serves"
                        + (again ? " until it is warm again" : " from now on"));
        if (again) {
            startExercise();
        }
    }

    /** Starts the exercise, unless it has been started; false if there is nothing to exercise or that is over. */
    private boolean start() {
        if (!VectorSupport.isAvailable()) {
            return false;
        }
        if (started.compareAndSet(false, true)) {
            startExercise();
        }
        return ended.getCount() > 0;
    }

    @SuppressWarnings(
            "ThreadPriorityCheck") // a hint: the exercise is to stand behind the work, and is right if it does not
    private void startExercise() {
        Thread thread = Thread.ofPlatform().name("expo-warm-up").daemon().unstarted(this::warmUp);
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.start();
    }

    private void await() {
        try {
            ended.await(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        isAwaited = false;
    }

    private void warmUp() {
        try {
            exerciseUntilWarm();
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, "the SIMD code fails; plain code serves", e);
        } finally {
            ended.countDown();
        }
    }

    private void exerciseUntilWarm() {
        K candidate = simd.get();
        long end = System.nanoTime() + MAX_NANOS;
        int wins = 0;
        long best = Long.MAX_VALUE;
        do {
            long nanos = nanos(candidate);
            long beside = nanos(plain);
            best = Math.min(best, beside);
            wins = nanos <= GOOD_ENOUGH * beside ? wins + 1 : 0;
            if (wins == WINS_NEEDED) {
                plainNanos = best;
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
