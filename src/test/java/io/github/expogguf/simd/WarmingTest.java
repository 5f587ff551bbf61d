package io.github.expogguf.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

@Timeout(20)
class WarmingTest {

    @Test
    void servesPlainJavaForLittleWorkAndNeverAsksForTheOther() {
        AtomicInteger asked = new AtomicInteger();
        Warming<String> warming = new Warming<>("plain", () -> "simd " + asked.incrementAndGet(), name -> {});
        for (int i = 0; i < 100; i++) {
            assertThat(warming.choose(1000)).isEqualTo("plain");
        }
        assertThat(asked).hasValue(0);
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void takesTheOtherOnceItIsNoSlower() throws InterruptedException {
        CountDownLatch warm = new CountDownLatch(1);
        Warming<String> warming = new Warming<>("plain", () -> "simd", name -> {
            boolean slow = name.equals("plain") || warm.getCount() > 0;
            sleep(name.equals("simd") && slow ? 40 : slow ? 5 : 0);
        });
        assertThat(warming.choose(1L << 40)).isEqualTo("plain");
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(warming.choose(1)).isEqualTo("plain");
        warm.countDown();
        while (warming.choose(1).equals("plain")) {
            sleep(1);
        }
        assertThat(warming.choose(1)).isEqualTo("simd");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void isNotTakenInByOneLuckyExercise() throws InterruptedException {
        AtomicInteger exercises = new AtomicInteger();
        CountDownLatch several = new CountDownLatch(5);
        Warming<String> warming = new Warming<>("plain", () -> "simd", name -> {
            if (name.equals("simd")) {
                several.countDown();
                sleep(exercises.getAndIncrement() % 3 == 0 ? 0 : 100);
            } else {
                sleep(10);
            }
        });
        warming.choose(1L << 40);
        several.await();
        assertThat(warming.choose(1)).isEqualTo("plain");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void goesBackWhenTheOtherHasBecomeSlowAndLetsItProveItselfTwice() {
        AtomicInteger asked = new AtomicInteger();
        Warming<String> warming = new Warming<>("plain", () -> "simd " + asked.incrementAndGet(), name -> sleep(1));
        warming.expect(1L << 40);
        for (int turn = 1; turn <= 3; turn++) {
            while (warming.choose(1).equals("plain")) {
                sleep(1);
            }
            String simd = warming.choose(1);
            assertThat(simd).isEqualTo("simd " + turn);
            for (int i = 0; i < 31; i++) {
                warming.took(simd, 1, 1_000_000_000);
            }
            warming.took(simd, 1, 10_000); // one that is quick breaks the row
            for (int i = 0; i < 31; i++) {
                warming.took(simd, 1, 1_000_000_000);
            }
            assertThat(warming.choose(1)).isSameAs(simd);
            warming.took(simd, 1, 1_000_000_000);
            assertThat(warming.choose(1)).isNotSameAs(simd);
        }
        sleep(50);
        assertThat(warming.choose(1)).isEqualTo("plain");
        assertThat(asked).hasValue(3);
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void staysWhileTheOtherIsQuickEnough() {
        Warming<String> warming = new Warming<>("plain", () -> "simd", name -> sleep(2));
        warming.expect(1L << 40);
        while (warming.choose(1).equals("plain")) {
            sleep(1);
        }
        for (int i = 0; i < 100; i++) {
            warming.took("simd", 5, 25_000_000); // five times the exercise, which takes plain Java 2 ms or more
            warming.took("plain", 1, 1_000_000_000);
        }
        assertThat(warming.choose(1)).isEqualTo("simd");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void startsWithMuchWorkAnnounced() {
        Warming<String> warming = new Warming<>("plain", () -> "simd", name -> {});
        warming.expect(1L << 40);
        while (warming.choose(0).equals("plain")) {
            sleep(1);
        }
        assertThat(warming.choose(0)).isEqualTo("simd");
    }

    @Test
    void startsNothingWithLittleWorkAnnounced() {
        AtomicInteger exercises = new AtomicInteger();
        Warming<String> warming = new Warming<>("plain", () -> "simd", name -> exercises.incrementAndGet());
        warming.expect(1000);
        sleep(50);
        assertThat(exercises).hasValue(0);
        assertThat(warming.choose(1)).isEqualTo("plain");
    }

    @Test
    @EnabledIf(value = "io.github.expogguf.simd.VectorSupport#isAvailable", disabledReason = "no vector module")
    void worksOnWithPlainJavaWhereTheOtherFails() {
        Warming<String> warming = new Warming<>(
                "plain",
                () -> {
                    throw new IllegalStateException("no such processor");
                },
                name -> {});
        warming.expect(1L << 40);
        assertThat(warming.choose(1)).isEqualTo("plain");
    }

    private static void sleep(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
