package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnsTest {

    @Test
    void textsStandSideBySide() {
        Columns columns = new Columns(
                List.of("alpha 0", "alpha 1"), List.of("A text that is longer than one line.", "Two\n\nparagraphs."));

        assertThat(columns.write(53).lines())
                .containsExactly(
                        "alpha 0                     alpha 1",
                        "-------------------------   -------------------------",
                        "A text that is longer       Two",
                        "than one line.",
                        "                            paragraphs.");
    }

    @Test
    void columnsNeedSomeWidth() {
        assertThat(Columns.fit(1, 80)).isTrue();
        assertThat(Columns.fit(3, 80)).isTrue();
        assertThat(Columns.fit(4, 80)).isFalse();
        assertThat(Columns.fit(4, 105)).isTrue();
        assertThat(Columns.fit(4, 104)).isFalse();
        assertThat(Columns.fit(1, 20)).isFalse();
    }

    @Test
    void wordsThatAreTooLongAreCut() {
        assertThat(Columns.wrap("a abcdefghijk b", 5)).containsExactly("a", "abcde", "fghij", "k b");
        assertThat(Columns.wrap("", 5)).containsExactly("");
        assertThat(Columns.wrap("漢字漢字", 5)).containsExactly("漢字", "漢字");
        assertThat(Columns.wrap("漢", 1)).containsExactly("漢");
    }

    @ParameterizedTest
    @CsvSource({"abc, 3", "é, 1", "e\u0301, 1", "漢字, 4", "ｶﾅ, 2", "カナ, 4", "한글, 4", "🙂, 2", "Привет, 6"})
    void charactersTakeTheirCells(String text, int cells) {
        assertThat(Columns.width(text)).isEqualTo(cells);
    }

    @Test
    void noLineIsTooLongAndNoWordIsLost() {
        Random random = new Random(5);
        String letters = "ab 漢\n字 cd🙂 ";
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(60), 0, letters.codePointCount(0, letters.length()))
                    .map(i -> letters.codePointAt(letters.offsetByCodePoints(0, i)))
                    .forEach(text::appendCodePoint);
            int width = 2 + random.nextInt(20);

            List<String> lines = Columns.wrap(text.toString(), width);

            assertThat(lines).allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(width));
            assertThat(String.join("", lines).replaceAll("\\s", ""))
                    .isEqualTo(text.toString().replaceAll("\\s", ""));
        }
    }

    @Test
    void linesOfReportsAreBrokenWhereTheyDoNotFitAndPathsAreNot() {
        assertThat(Columns.broken("  a line of 20 cells", 20)).containsExactly("  a line of 20 cells");
        assertThat(Columns.broken("  a line of 21 cells!", 20)).containsExactly("  a line of 21", "    cells!");
        assertThat(Columns.broken("free at /a/path/of/more/than/20/cells", 20))
                .containsExactly("free at", "  /a/path/of/more/than/20/cells");
    }
}
