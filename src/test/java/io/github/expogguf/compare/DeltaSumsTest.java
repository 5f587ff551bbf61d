package io.github.expogguf.compare;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DeltaSumsTest {

    private final Magnitudes magnitudes = new Magnitudes();

    private DeltaSums sums(float[] sft, float[] aligned) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocateFrom(JAVA_FLOAT, sft);
            MemorySegment to = arena.allocateFrom(JAVA_FLOAT, aligned);
            return DeltaSums.of(sft.length, from, to, magnitudes);
        }
    }

    @Test
    void addsUpWhatFollowsFromFewNumbers() {
        DeltaSums sums = sums(new float[] {3, 0, -4, 1}, new float[] {3, 2, -4, 0});
        assertThat(sums).isEqualTo(new DeltaSums(4, 2, 26, 29, 5, 25, 2));
        assertThat(sums.relativeNorm()).isCloseTo(Math.sqrt(5 / 26.0), within(1e-12));
        assertThat(sums.cosine()).isCloseTo(25 / Math.sqrt(26 * 29.0), within(1e-12));
        assertThat(sums.changedShare()).isEqualTo(0.5);
        assertThat(sums.deltaRms()).isCloseTo(Math.sqrt(5 / 4.0), within(1e-12));
    }

    @Test
    void addsUpPartsAsTheWhole() {
        DeltaSums whole = sums(new float[] {1, 2, 3, 4}, new float[] {2, 2, 5, 4});
        DeltaSums parts =
                sums(new float[] {1, 2}, new float[] {2, 2}).plus(sums(new float[] {3, 4}, new float[] {5, 4}));
        assertThat(parts).isEqualTo(whole);
    }

    @Test
    void saysSomethingOfZerosToo() {
        DeltaSums both = sums(new float[] {0, 0}, new float[] {0, -0f});
        assertThat(both.cosine()).isEqualTo(1);
        assertThat(both.relativeNorm()).isEqualTo(0);
        assertThat(both.changed()).isEqualTo(0);
        DeltaSums one = sums(new float[] {0, 0}, new float[] {0, 1});
        assertThat(one.cosine()).isEqualTo(0);
        assertThat(one.relativeNorm()).isInfinite();
        assertThat(DeltaSums.NONE.deltaRms()).isEqualTo(0);
        assertThat(DeltaSums.NONE.changedShare()).isEqualTo(0);
    }

    @Test
    void findsQuantilesToHalfAPowerOfTwo() {
        float[] aligned = new float[1000];
        for (int i = 0; i < 1000; i++) {
            aligned[i] = (i + 1) / 1000f;
        }
        sums(new float[1000], aligned);
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 1}) {
            assertThat((double) magnitudes.quantile(share)).isBetween(share, 1.5 * share + 1e-9);
        }
    }

    @Test
    void countsDeltasOfZeroAmongTheQuantiles() {
        sums(new float[10], new float[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 1});
        assertThat(magnitudes.quantile(0.5)).isEqualTo(0);
        assertThat(magnitudes.quantile(0.7)).isEqualTo(1.5f);
        assertThat(new Magnitudes().quantile(0.5)).isEqualTo(0);
    }
}
