package io.github.expogguf.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.work.ComputeThreads.Member;
import io.github.expogguf.work.ComputeThreads.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ComputeThreadsTest {

    @Test
    void whoeverIsAloneHasAllAndTwoHaveHalf() throws Exception {
        ComputeThreads threads = new ComputeThreads(4);
        try (Member one = threads.join()) {
            assertThat(taken(one, 512)).isEqualTo(4);
            assertThat(taken(one, 3)).isEqualTo(3);
            try (Member two = threads.join();
                    Turn first = one.take(512);
                    Turn second = two.take(512)) {
                assertThat(first.threads()).isEqualTo(2);
                assertThat(second.threads()).isEqualTo(2);
            }
            assertThat(taken(one, 512)).isEqualTo(4);
        }
    }

    @Test
    void whatDoesNotDivideGoesToTheFirst() throws Exception {
        ComputeThreads threads = new ComputeThreads(3);
        try (Member one = threads.join();
                Member two = threads.join();
                Turn first = one.take(512);
                Turn second = two.take(512)) {
            assertThat(first.threads()).isEqualTo(2);
            assertThat(second.threads()).isEqualTo(1);
        }
    }

    @Test
    void moreThanTheBudgetWaitsHoweverManyAsk() throws Exception {
        ComputeThreads threads = new ComputeThreads(2);
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Callable<Integer> work = () -> {
            try (Member member = threads.join()) {
                for (int i = 0; i < 300; i++) {
                    try (Turn turn = member.take(2)) {
                        most.accumulateAndGet(computing.addAndGet(turn.threads()), Math::max);
                        Thread.yield();
                        computing.addAndGet(-turn.threads());
                    }
                }
                return 300;
            }
        };
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(callers.submit(work));
            }
            for (Future<Integer> one : all) {
                assertThat(one.get()).isEqualTo(300);
            }
        }
        assertThat(most.get()).isEqualTo(2);
        assertThat(threads.free()).isEqualTo(2);
    }

    @Test
    void theBudgetCanBeChangedWhileItIsUsed() throws Exception {
        ComputeThreads threads = new ComputeThreads(4);
        try (Member one = threads.join()) {
            try (Turn turn = one.take(512)) {
                threads.setBudget(1);
                assertThat(turn.threads()).isEqualTo(4);
                assertThat(threads.free()).isEqualTo(-3);
            }
            assertThat(threads.budget()).isEqualTo(1);
            assertThat(taken(one, 512)).isEqualTo(1);
        }
        assertThatThrownBy(() -> threads.setBudget(0)).hasMessageContaining("threads is 0, expected 1 to 512");
    }

    @Test
    void whoeverIsInterruptedWhileWaitingTakesNothing() throws Exception {
        ComputeThreads threads = new ComputeThreads(1);
        try (Member one = threads.join();
                Member two = threads.join()) {
            try (Turn _ = one.take(1)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> two.take(1)).isInstanceOf(InterruptedException.class);
            }
            assertThat(threads.free()).isEqualTo(1);
            assertThat(taken(two, 1)).isEqualTo(1);
        }
    }

    private static int taken(Member member, int most) throws InterruptedException {
        try (Turn turn = member.take(most)) {
            return turn.threads();
        }
    }
}
