package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.work.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {

    private static final long SECOND = 1_000_000_000L;

    private static Progress progress(long done, long total) {
        return new Progress(Progress.Stage.EXTRAPOLATE, "blk.0.attn_q.weight", done, total);
    }

    @Test
    void barShowsShareAmountRateAndTimeLeft() {
        assertThat(ProgressLine.bar(progress(1_000_000_000, 4_000_000_000L), 0, 2 * SECOND, 120))
                .isEqualTo("extrapolate  25% [=======>                      ] 1.00 GB of 4.00 GB, 500 MB/s, 6 s left"
                        + "  blk.0.attn_q.weight");
    }

    @Test
    void barLeavesOutTheTensorWhereItDoesNotFit() {
        assertThat(ProgressLine.bar(progress(1_000_000_000, 4_000_000_000L), 0, 2 * SECOND, 100))
                .endsWith("6 s left");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20, 40, 59, 60, 79, 80, 100, 200, 1000})
    void barStaysInsideTheTerminal(int columns) {
        for (long done = 0; done <= 4_000_000_000L; done += 125_000_000L) {
            assertThat(ProgressLine.bar(progress(done, 4_000_000_000L), 0, 90 * SECOND, columns))
                    .hasSizeLessThan(columns);
        }
    }

    @Test
    void barIsFullAtTheEndOnly() {
        assertThat(ProgressLine.bar(progress(3_999_999_999L, 4_000_000_000L), 0, SECOND, 100))
                .contains(" 99% [=============================>]");
        assertThat(ProgressLine.bar(progress(4_000_000_000L, 4_000_000_000L), 0, SECOND, 100))
                .contains("100% [==============================]")
                .doesNotContain("left");
    }

    @Test
    void noRateIsShownBeforeItCanBeBelieved() {
        assertThat(ProgressLine.forLog(progress(1_000_000, 4_000_000), 0, SECOND / 10))
                .isEqualTo("extrapolate: 25 %, 1.00 MB of 4.00 MB");
    }

    @Test
    void plainLineShowsMinutesLeft() {
        assertThat(ProgressLine.forLog(progress(1_000_000_000, 4_000_000_000L), 0, 30 * SECOND))
                .isEqualTo("extrapolate: 25 %, 1.00 GB of 4.00 GB, 33.3 MB/s, 1:30 min left");
    }

    @Test
    void nothingToDoIsDone() {
        assertThat(ProgressLine.percent(progress(0, 0))).isEqualTo(100);
    }

    @Test
    void tensorNameCannotSteerTheTerminal() {
        Progress evil = new Progress(Progress.Stage.COMPARE, "\u001b[2Jx\n", 1, 2);

        assertThat(ProgressLine.bar(evil, 0, 0, 200)).contains("\\x1b[2Jx\\n").doesNotContain("\u001b");
    }

    @Test
    void textsAreNoBytes() {
        Progress progress = new Progress(Progress.Stage.AGREEMENT, "", 15, 115);
        assertThat(ProgressLine.forLog(progress, 0, 15 * SECOND))
                .isEqualTo("agreement: 13 %, 15 of 115 texts, 1:40 min left");
    }
}
