package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.estimate.RunEstimate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EstimateTextTest {

    /** One thread, so that the cores of the machine do not matter. */
    private static String line(double seconds) {
        return new EstimateText(new RunEstimate(0, seconds, 0, 0, 0, 0, (long) (2e6 * seconds)), "AMD EPYC", 1).line();
    }

    @ParameterizedTest
    @CsvSource({
        "9.44, about 9.4 s",
        "42.3, about 42 s",
        "99.7, about 100 s",
        "130, about 2 min",
        "3700, about 1:02 h",
        "99999, about 27:47 h"
    })
    void saysTimeRoughlyAndWhatItAssumes(double seconds, String time) {
        assertThat(line(seconds)).isEqualTo(time + " on 1 thread of an AMD EPYC, if the disk moves 2.00 MB/s");
    }

    @Test
    void fitsALineOfTheTerminal() {
        RunEstimate longest = new RunEstimate(0, 1e7, 0, 0, 0, 0, 999_000_000_000_000_000L);

        assertThat("time    " + new EstimateText(longest, "AMD EPYC", 1).line()).hasSizeLessThanOrEqualTo(80);
    }
}
