package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PairScanTest {

    @Test
    void agreesWithTheScalarFormulaOnTheDemoPair() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoPair.SFT, DemoPair.ALIGNED)) {
            PairComparison comparison = pair.compare(OutputOptions.defaults());
            assertThat(comparison.differences()).isEmpty();
            for (TensorDelta tensor : comparison.tensors()) {
                float[] sft = GgmlFloats.of(pair.sft().orElseThrow(), tensor.sft());
                float[] aligned = GgmlFloats.of(pair.aligned(), tensor.aligned());
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
}
