package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.work.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressPrinterTest {

    private static final long MILLISECOND = 1_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long now;

    private ProgressPrinter printer(boolean interactive) {
        return new ProgressPrinter(err, new Terminal(interactive, 80), () -> now);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Progress at(Progress.Stage stage, int percent) {
        return new Progress(stage, "t", percent * 1_000_000L, 100_000_000L);
    }

    private void report(ProgressPrinter printer, int steps, long nanosPerStep) {
        for (int percent = 0; percent < steps; percent++) {
            printer.progress(at(Progress.Stage.EXTRAPOLATE, percent));
            now += nanosPerStep;
        }
    }

    @Test
    void redrawsOneLineOnATerminalAndWipesItAtTheEnd() {
        try (ProgressPrinter printer = printer(true)) {
            report(printer, 3, 200 * MILLISECOND);
        }

        assertThat(printed().split("\r\u001b\\[K", -1))
                .hasSize(5)
                .startsWith("")
                .endsWith("");
        assertThat(printed()).doesNotContain("\n").contains("  0% [", "  1% [", "  2% [");
    }

    /** What goes on in a second line stays there when the first is wiped. */
    @Test
    void lineThatIsTooLongIsCut() {
        try (ProgressPrinter printer = printer(true)) {
            printer.show(() -> "alpha 0.5 \u4f60".repeat(20), () -> "");
        }

        assertThat(Columns.width(printed().replace("\r\u001b[K", ""))).isBetween(77, 79);
    }

    @Test
    void redrawsAtMostTenTimesASecond() {
        try (ProgressPrinter printer = printer(true)) {
            report(printer, 100, 10 * MILLISECOND);
        }

        assertThat(printed().split("\\[=*>", -1)).hasSize(11);
    }

    @Test
    void printsALineEveryFewSecondsElsewhere() {
        try (ProgressPrinter printer = printer(false)) {
            report(printer, 12, 1000 * MILLISECOND);
        }

        assertThat(printed().lines())
                .hasSize(2)
                .first()
                .isEqualTo("expo-gguf: extrapolate: 5 %, 5.00 MB of 100 MB, 1.00 MB/s, 1:35 min left");
        assertThat(printed()).doesNotContain("\r", "\u001b");
    }

    @Test
    void shortRunsPrintNoLines() {
        try (ProgressPrinter printer = printer(false)) {
            report(printer, 100, 10 * MILLISECOND);
        }

        assertThat(printed()).isEmpty();
    }

    @Test
    void everyStageHasItsOwnRate() {
        try (ProgressPrinter printer = printer(true)) {
            printer.progress(at(Progress.Stage.COMPARE, 0));
            now += 10_000 * MILLISECOND;
            printer.progress(at(Progress.Stage.VERIFY, 0));
            now += 1000 * MILLISECOND;
            printer.progress(at(Progress.Stage.VERIFY, 50));
        }

        assertThat(printed()).contains("verify       50%", "50.0 MB/s");
    }
}
