package io.github.expogguf.extrapolate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrajectoryFitTest {

    private static final TrajectoryFit LINE =
            new TrajectoryFit(List.of(10.0, 20.0, 40.0), List.of(1.0, 2.0, 4.0), 42, Optional.empty());

    @Test
    void goesOnAlongALine() {
        assertThat(LINE.coefficientAt(100)).isCloseTo(10, within(1e-12));
        assertThat(LINE.rSquared().orElseThrow()).isCloseTo(1, within(1e-12));
        assertThat(LINE.share()).isEqualTo(0.5);
    }

    /** On the line through 1, 1 and 4 over 0, 1 and 2: 0.5 + 1.5 t; 1.5 of 6 is left over. */
    @Test
    void fitsByLeastSquares() {
        TrajectoryFit bent = new TrajectoryFit(List.of(0.0, 1.0, 2.0), List.of(1.0, 1.0, 4.0), 18, Optional.empty());
        assertThat(bent.coefficientAt(0)).isCloseTo(0.5, within(1e-12));
        assertThat(bent.coefficientAt(4)).isCloseTo(6.5, within(1e-12));
        assertThat(bent.rSquared().orElseThrow()).isCloseTo(0.75, within(1e-12));
        assertThat(bent.weightsAt(4)).containsExactly(6.5 / 18, 6.5 / 18, 26.0 / 18);
    }

    @Test
    void addsTensorsByTheirSquares() {
        TrajectoryFit still = new TrajectoryFit(List.of(1.0, 2.0, 3.0), List.of(0.0, 0.0, 0.0), 0, Optional.empty());
        TrajectoryFit other = new TrajectoryFit(List.of(1.0, 2.0, 3.0), List.of(1.0, 1.0, 4.0), 18, Optional.empty());
        assertThat(TrajectoryFit.share(List.of(LINE, still, other))).isCloseTo(39.0 / 60, within(1e-12));
        double spread = 14.0 / 3 + 6;
        assertThat(TrajectoryFit.rSquared(List.of(LINE, still, other)).orElseThrow())
                .isCloseTo(1 - 1.5 / spread, within(1e-12));
        assertThat(still.share()).isEqualTo(1);
        assertThat(still.rSquared()).isEmpty();
        assertThat(still.weightsAt(9)).containsExactly(0.0, 0.0, 0.0);
    }

    @Test
    void saysNothingOfALineThroughTwoPoints() {
        assertThat(new TrajectoryFit(List.of(1.0, 2.0), List.of(1.0, 3.0), 10, Optional.empty()).rSquared())
                .isEmpty();
    }

    @Test
    void doesNotDependOnTheSignOfTheVector() {
        List<Double> steps = List.of(1.0, 2.0);
        TrajectoryFit one = TrajectoryFit.of(steps, 25, List.of(0.6, 0.8), 26);
        assertThat(one).isEqualTo(TrajectoryFit.of(steps, 25, List.of(-0.6, -0.8), 26));
        assertThat(one.coefficients()).containsExactly(3.0, 4.0);
    }

    @Test
    void addsWhatWasHeldOut() {
        TrajectoryFit one = LINE.withHeldOut(new TrajectoryFit.HeldOut(1, 10));
        TrajectoryFit other = LINE.withHeldOut(new TrajectoryFit.HeldOut(3, 6));
        assertThat(TrajectoryFit.missed(List.of(one, other, LINE)).orElseThrow())
                .isCloseTo(0.5, within(1e-12));
        assertThat(TrajectoryFit.missed(List.of(LINE))).isEmpty();
        assertThatThrownBy(() -> new TrajectoryFit.HeldOut(Double.NaN, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("squares NaN and 1.0, expected none below 0");
    }

    @Test
    void refusesWhatIsNoLine() {
        assertThatThrownBy(() -> new TrajectoryFit(List.of(1.0), List.of(1.0), 1, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 coefficients of 1 steps, expected one of each step, and two at least");
        assertThatThrownBy(() -> new TrajectoryFit(List.of(1.0, 1.0), List.of(1.0, 2.0), 1, Optional.empty()))
                .hasMessage("steps [1.0, 1.0], expected no two the same");
        assertThatThrownBy(() -> new TrajectoryFit(List.of(1.0, Double.NaN), List.of(1.0, 2.0), 1, Optional.empty()))
                .hasMessage("step is NaN, expected a finite number");
    }
}
