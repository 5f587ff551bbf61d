package io.github.expogguf.work;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The threads that may compute at the same time in this process: a budget that is shared by all that were not given a
 * number of their own, so that many contexts do not ask for all cores each. Threads that wait for each other after
 * every operation, as llama.cpp's do, lose most of their time where there are more of them than cores.
 *
 * <p>Safe for any thread.
 */
public final class ComputeThreads {

    private static final ComputeThreads PROCESS = new ComputeThreads(Threads.ofThisMachine());

    private int budget;
    private int free; // below zero after the budget was lowered, until turns end
    private int members;
    private final Deque<Member> waiting = new ArrayDeque<>();

    ComputeThreads(int budget) {
        this.budget = budget;
        this.free = budget;
    }

    /** {@return the budget of this process; at first the cores that the process may use} */
    public static ComputeThreads ofThisProcess() {
        return PROCESS;
    }

    /** {@return threads that may compute at the same time} */
    public synchronized int budget() {
        return budget;
    }

    /**
     * Changes the budget; turns that are under way end first.
     *
     * @param threads 1 to {@value Threads#MAX}
     */
    public synchronized void setBudget(int threads) {
        Threads.check(threads);
        free += threads - budget;
        budget = threads;
        notifyAll();
    }

    /** {@return threads that nobody computes on now; below zero for a while after the budget was lowered} */
    public synchronized int free() {
        return free;
    }

    /**
     * Begins work that takes turns; the budget is divided among all who have begun.
     *
     * @return a member, to be closed by the caller
     */
    public synchronized Member join() {
        members++;
        return new Member();
    }

    /** Work that takes turns, such as a call of a context. Used by one thread at a time. */
    public final class Member implements AutoCloseable {

        private boolean ended;

        private Member() {}

        /**
         * Waits until a thread is free, in the order of asking, and takes it and further ones up to its share of the
         * budget. A member that has a turn already must end it first.
         *
         * @param most no more threads than this, at least 1
         * @return the turn, to be closed by the caller
         * @throws InterruptedException if the calling thread is interrupted; nothing was taken then
         */
        public Turn take(int most) throws InterruptedException {
            Threads.check(most);
            synchronized (ComputeThreads.this) {
                waiting.add(this);
                try {
                    while (free < 1 || waiting.peek() != this) {
                        ComputeThreads.this.wait();
                    }
                    int share = Math.ceilDiv(budget, Math.max(1, members));
                    int threads = Math.min(most, Math.min(share, free));
                    free -= threads;
                    return new Turn(threads);
                } finally {
                    waiting.remove(this);
                    ComputeThreads.this.notifyAll();
                }
            }
        }

        /** Ends the work; the others have larger shares from their next turn on. */
        @Override
        public void close() {
            synchronized (ComputeThreads.this) {
                if (!ended) {
                    ended = true;
                    members--;
                }
            }
        }
    }

    /** Threads that are computed on until it is closed. */
    public final class Turn implements AutoCloseable {

        private final int threads;
        private boolean ended;

        private Turn(int threads) {
            this.threads = threads;
        }

        /** {@return how many, at least 1} */
        public int threads() {
            return threads;
        }

        @Override
        public void close() {
            synchronized (ComputeThreads.this) {
                if (!ended) {
                    ended = true;
                    free += threads;
                    ComputeThreads.this.notifyAll();
                }
            }
        }
    }
}
