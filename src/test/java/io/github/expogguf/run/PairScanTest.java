package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PairScanTest {

    @Test
    void agreesWithTheScalarFormulaOnTheDemoPair() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            PairComparison comparison = pair.compare(WorkOptions.defaults());
            assertThat(comparison.differences()).isEmpty();
            for (TensorDelta tensor : comparison.tensors()) {
                float[] sft = GgmlFloats.of(pair.opened().sft().orElseThrow(), tensor.sft());
                float[] aligned = GgmlFloats.of(pair.opened().aligned(), tensor.aligned());
                double squares = 0;
                long changed = 0;
                for (int i = 0; i < sft.length; i++) {
                    float delta = aligned[i] - sft[i];
                    squares += (double) delta * delta;
                    changed += delta == 0 ? 0 : 1;
                }
                DeltaSums sums = tensor.sums();
                assertThat(sums.elements()).isEqualTo(sft.length);
                assertThat(sums.changed()).isEqualTo(changed);
                assertThat(sums.deltaSquares()).isCloseTo(squares, within(1e-12 * squares));
            }
        }
    }

    @Test
    void aSampleComesCloseToTheWhole() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            PairComparison whole = pair.compare(WorkOptions.defaults());
            PairComparison sample = pair.sample(8192, WorkOptions.defaults());
            assertThat(sample.sampled()).isTrue();
            assertThat(sample.total().elements()).isEqualTo(whole.total().elements());
            double norm = whole.total().relativeNorm();
            assertThat(sample.total().relativeNorm()).isNotEqualTo(norm).isCloseTo(norm, within(0.05 * norm));
            assertThat(sample.total().changedShare()).isCloseTo(whole.total().changedShare(), within(0.05));
            assertThat(sample.tensors())
                    .allMatch(tensor -> tensor.rankOneShare().isEmpty());
        }
    }

    @Test
    void aSampleThatHoldsEverythingIsTheWhole() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            PairComparison whole = pair.compare(WorkOptions.defaults());
            PairComparison sample = pair.sample(1 << 30, WorkOptions.defaults());
            assertThat(sample.tensors())
                    .extracting(TensorDelta::sums)
                    .isEqualTo(whole.tensors().stream().map(TensorDelta::sums).toList());
        }
    }

    @Test
    void aSampleDoesNotDependOnThreads() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            assertThat(pair.sample(5000, WorkOptions.defaults().withThreads(1)).tensors())
                    .isEqualTo(pair.sample(5000, WorkOptions.defaults().withThreads(5))
                            .tensors());
        }
    }
}
