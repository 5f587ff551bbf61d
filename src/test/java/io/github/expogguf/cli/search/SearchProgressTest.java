package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.option.value.WorkWords;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.search.Trial;
import io.github.expogguf.work.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The time that is left, by a clock of our own. */
class SearchProgressTest {

    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private SearchProgress progress(boolean isGrid) {
        return new SearchProgress(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                ProgressPrinter.silent(),
                new SearchTable(true),
                isGrid,
                clock::get);
    }

    @Test
    void timeLeftIsKnownAfterTheFirstAlpha() throws IOException {
        List<Trial> trials = SearchReports.bracketing(false).trials();
        SearchProgress progress = progress(true);

        progress.begins(0, 0, 4);
        progress.progress(new Progress(Progress.Stage.ANSWERS, "", 1, 40));
        assertThat(progress.text(new WorkWords("answers", 1, 40))).isEqualTo("alpha 0: answers 1 of 40; model 1 of 4");
        clock.addAndGet(30 * SECOND);
        progress.ends(trials.get(0));
        progress.begins(0.5f, 1, 4);
        clock.addAndGet(10 * SECOND);

        assertThat(progress.text(new WorkWords("answers", 20, 40)))
                .isEqualTo("alpha 0.5: answers 20 of 40; model 2 of 4, 1:20 min left");
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(2);
    }

    @Test
    void whatComesFromTheLogTellsNothingAboutTime() throws IOException {
        List<Trial> trials = SearchReports.bracketing(false).trials();
        SearchProgress progress = progress(false);

        progress.begins(0, 0, 16);
        progress.ends(trials.get(0));
        progress.begins(0.1f, 1, 16);

        assertThat(progress.text(new WorkWords("answers", 2, 9)))
                .isEqualTo("alpha 0.1: answers 2 of 9; model 2 of at most 16");
        progress.progress(new Progress(Progress.Stage.ANSWERS, "", 2, 9));
        clock.addAndGet(2 * SECOND);
        progress.ends(trials.get(1));
        progress.begins(0.25f, 2, 16);
        assertThat(progress.text(new WorkWords("answers", 0, 9)))
                .isEqualTo("alpha 0.25: answers 0 of 9; model 3 of at most 16, at most 28 s left");
    }
}
