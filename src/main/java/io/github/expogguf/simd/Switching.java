package io.github.expogguf.simd;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Two implementations of the same work: the first, plain Java or ggml, which is quick from the first call; and the
 * second, SIMD code, which is faster once the JIT compiler has translated it and hundreds of times slower before: until
 * then every vector operation is a call that allocates. So the first serves first. Where there is much to do, a thread
 * of low priority exercises the second beside it, and that takes over as soon as it has proved to be no slower, if it
 * gives the same bits. Where it is told how long the work took ({@link #took}), it also goes back: the JIT compiler may
 * throw its translation away in the middle of the work, and what takes its place may be slow for good. Any thread may
 * call.
 *
 * @param <T> the kind of implementation
 */
public final class Switching<T> {

    /**
     * Elements after which the exercise begins. It takes a core about half a second, and plain Java spends some ten
     * thousandths of a microsecond more on an element than SIMD code: less work than this is done before it would pay.
     */
    private static final long ELEMENTS_BEFORE = 1L << 32;

    /** The exercise ends when the second takes at most this much of the time of the first. */
    private static final double GOOD_ENOUGH = 1.1;

    /** In a row, since a short exercise may be interrupted. */
    private static final int WINS_NEEDED = 3;

    private static final long MAX_NANOS = 30_000_000_000L;

    /** The second has become slow when it takes so many times as long as the first did in the exercise. */
    private static final int SLOW = 3;

    /** In a row: where many threads share a core, a few pieces of work may take as long by chance. */
    private static final int SLOW_NEEDED = 32;

    /** How often the second may prove itself again. */
    private static final int MAX_RETURNS = 2;

    /** Cores that the exercise and the JIT compiler's threads take. */
    private static final int CORES_TO_WARM_UP = 3;

    private static final long MAX_WAIT_MILLIS = 3000;

    /** Announced work that is worth waiting for, in terms of that after which the exercise begins. */
    private static final long MUCH = 4;

    private static final System.Logger LOG = System.getLogger(Switching.class.getName());

    /** Uses an implementation on a few thousand elements, as it will be used. */
    @FunctionalInterface
    public interface Exercise<T> {

        /** Gives what comes of it: numbers and arrays, in which NaN equals NaN. */
        Object use(T implementation);
    }

    private final long elementsBefore;
    private final AtomicLong elements;
    private final T first;
    private final Supplier<T> second;
    private final Exercise<T> exercise;
    private final AtomicBoolean started = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger slow = new AtomicInteger();
    private volatile boolean isAwaited;
    private volatile long firstNanos; // of the exercise, at best
    private volatile T chosen;
    private int returns;

    /**
     * Begins with the first.
     *
     * @param first    implementation that serves first
     * @param second   asked for only if the vector module is there
     * @param exercise what warms an implementation, and shows whether both give the same
     */
    public Switching(T first, Supplier<T> second, Exercise<T> exercise) {
        this(ELEMENTS_BEFORE, first, second, exercise);
    }

    /**
     * The same, where the exercise pays after another number of elements.
     *
     * @param elementsBefore elements after which it begins
     */
    public Switching(long elementsBefore, T first, Supplier<T> second, Exercise<T> exercise) {
        this(elementsBefore, new AtomicLong(), first, second, exercise);
    }

    /** The same, where elements are counted together with others of their kind. */
    public Switching(long elementsBefore, AtomicLong elements, T first, Supplier<T> second, Exercise<T> exercise) {
        this.elementsBefore = elementsBefore;
        this.elements = elements;
        this.first = first;
        this.second = second;
        this.exercise = exercise;
        this.chosen = first;
    }

    /** Numbers to exercise with: any, and always the same, spread evenly from -1/32 to 1/32. */
    public static float[] numbers(int count) {
        float[] numbers = new float[count];
        int bits = 1;
        for (int i = 0; i < count; i++) {
            bits = 1_664_525 * bits + 1_013_904_223;
            numbers[i] = bits * 0x1p-36f;
        }
        return numbers;
    }

    /**
     * Announces work. Much of it starts the exercise at once; and where cores are few, {@link #choose} then waits for
     * its end: what the first did meanwhile would take from the JIT compiler more than it brings.
     *
     * @param count elements that are to come
     */
    public void expect(long count) {
        if (count / MUCH > elementsBefore) {
            isAwaited = start() && Runtime.getRuntime().availableProcessors() <= CORES_TO_WARM_UP;
        }
    }

    /** The implementation for the next piece of work, which has this many elements. */
    public T choose(long count) {
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
    public void took(T used, double exercises, long nanos) {
        if (used == first) {
            return;
        }
        if (nanos <= SLOW * exercises * firstNanos) {
            slow.set(0);
        } else if (slow.incrementAndGet() >= SLOW_NEEDED) {
            giveWay(used);
        }
    }

    @SuppressWarnings("ReferenceEquality") // which of the two it is
    private synchronized void giveWay(T used) {
        if (chosen != used) {
            return; // another thread was quicker
        }
        chosen = first;
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
        T candidate = second.get();
        if (!Objects.deepEquals(exercise.use(candidate), exercise.use(first))) {
            LOG.log(System.Logger.Level.DEBUG, "the SIMD code computes otherwise here; plain code serves");
            return;
        }
        long end = System.nanoTime() + MAX_NANOS;
        int wins = 0;
        long best = Long.MAX_VALUE;
        do {
            long nanos = nanos(candidate);
            long beside = nanos(first);
            best = Math.min(best, beside);
            wins = nanos <= GOOD_ENOUGH * beside ? wins + 1 : 0;
            if (wins == WINS_NEEDED) {
                firstNanos = best;
                chosen = candidate;
                return;
            }
            LockSupport.parkNanos(nanos); // the compiler needs the core more
        } while (System.nanoTime() < end);
    }

    private long nanos(T implementation) {
        long start = System.nanoTime();
        exercise.use(implementation);
        return System.nanoTime() - start;
    }
}
