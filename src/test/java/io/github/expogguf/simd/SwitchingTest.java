package io.github.expogguf.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

@Timeout(20)
class SwitchingTest {

    @Test
    void servesTheFirstForLittleWorkAndNeverAsksForTheOther() {
        AtomicInteger asked = new AtomicInteger();
        Switching<String> switching = new Switching<>("first", () -> "second " + asked.incrementAndGet(), name -> 0);
        for (int i = 0; i < 100; i++) {
            assertThat(switching.choose(1000)).isEqualTo("first");
        }
        assertThat(asked).hasValue(0);
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void takesTheOtherOnceItIsNoSlower() throws InterruptedException {
        CountDownLatch warm = new CountDownLatch(1);
        Switching<String> switching = new Switching<>("first", () -> "second", name -> {
            boolean slow = name.equals("first") || warm.getCount() > 0;
            sleep(name.equals("second") && slow ? 40 : slow ? 5 : 0);
            return 0;
        });
        assertThat(switching.choose(1L << 40)).isEqualTo("first");
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(switching.choose(1)).isEqualTo("first");
        warm.countDown();
        while (switching.choose(1).equals("first")) {
            sleep(1);
        }
        assertThat(switching.choose(1)).isEqualTo("second");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void isNotTakenInByOneLuckyExercise() throws InterruptedException {
        AtomicInteger exercises = new AtomicInteger();
        CountDownLatch several = new CountDownLatch(5);
        Switching<String> switching = new Switching<>("first", () -> "second", name -> {
            if (name.equals("second")) {
                several.countDown();
                sleep(exercises.getAndIncrement() % 3 == 0 ? 0 : 100);
            } else {
                sleep(10);
            }
            return 0;
        });
        switching.choose(1L << 40);
        several.await();
        assertThat(switching.choose(1)).isEqualTo("first");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void goesBackWhenTheOtherHasBecomeSlowAndLetsItProveItselfTwice() {
        AtomicInteger asked = new AtomicInteger();
        Switching<String> switching =
                new Switching<>("first", () -> "second " + asked.incrementAndGet(), name -> sleep(1));
        switching.expect(1L << 40);
        for (int turn = 1; turn <= 3; turn++) {
            while (switching.choose(1).equals("first")) {
                sleep(1);
            }
            String second = switching.choose(1);
            assertThat(second).isEqualTo("second " + turn);
            for (int i = 0; i < 31; i++) {
                switching.took(second, 1, 1_000_000_000);
            }
            switching.took(second, 1, 10_000); // one that is quick breaks the row
            for (int i = 0; i < 31; i++) {
                switching.took(second, 1, 1_000_000_000);
            }
            assertThat(switching.choose(1)).isSameAs(second);
            switching.took(second, 1, 1_000_000_000);
            assertThat(switching.choose(1)).isNotSameAs(second);
        }
        sleep(50);
        assertThat(switching.choose(1)).isEqualTo("first");
        assertThat(asked).hasValue(3);
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void staysWhileTheOtherIsQuickEnough() {
        Switching<String> switching = new Switching<>("first", () -> "second", name -> sleep(2));
        switching.expect(1L << 40);
        while (switching.choose(1).equals("first")) {
            sleep(1);
        }
        for (int i = 0; i < 100; i++) {
            switching.took("second", 5, 25_000_000); // five times the exercise, which takes the first 2 ms or more
            switching.took("first", 1, 1_000_000_000);
        }
        assertThat(switching.choose(1)).isEqualTo("second");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void startsWithMuchWorkAnnounced() {
        Switching<String> switching = new Switching<>("first", () -> "second", name -> 0);
        switching.expect(1L << 40);
        while (switching.choose(0).equals("first")) {
            sleep(1);
        }
        assertThat(switching.choose(0)).isEqualTo("second");
    }

    @Test
    void startsNothingWithLittleWorkAnnounced() {
        AtomicInteger exercises = new AtomicInteger();
        Switching<String> switching = new Switching<>("first", () -> "second", name -> exercises.incrementAndGet());
        switching.expect(1000);
        sleep(50);
        assertThat(exercises).hasValue(0);
        assertThat(switching.choose(1)).isEqualTo("first");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void worksOnWithTheFirstWhereTheOtherFails() {
        Switching<String> switching = new Switching<>(
                "first",
                () -> {
                    throw new IllegalStateException("no such processor");
                },
                name -> 0);
        switching.expect(1L << 40);
        assertThat(switching.choose(1)).isEqualTo("first");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void staysWithTheFirstWhereTheOtherComputesOtherwise() throws InterruptedException {
        AtomicInteger exercises = new AtomicInteger();
        Switching<String> switching = new Switching<>("first", () -> "second", name -> {
            exercises.incrementAndGet();
            return new float[] {Float.NaN, name.equals("first") ? 1 : Math.nextUp(1f)};
        });
        switching.choose(1L << 40);
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(switching.choose(1)).isEqualTo("first");
        assertThat(exercises).hasValue(2);
    }

    private static int sleep(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
