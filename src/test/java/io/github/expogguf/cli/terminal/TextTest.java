package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers, tables and escapes. */
class TextTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "9994, 9.99 kB",
        "9996, 10.0 kB",
        "99960, 100 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "4084768, 4.08 MB",
        "16060522240, 16.1 GB",
        "9223372036854775807, 9.22 EB"
    })
    void bytesHaveThreeDigits(long count, String text) {
        assertThat(Units.bytes(count)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1200000000, 1.2 s",
        "9960000000, 10.0 s",
        "59400000000, 59 s",
        "125000000000, 2:05 min",
        "3725000000000, 1:02:05 h"
    })
    void durationsSuitTheirLength(long nanos, String text) {
        assertThat(Units.duration(nanos)).isEqualTo(text);
    }

    @Test
    void nounsAgreeWithTheirNumber() {
        assertThat(Units.count(1, "tensor")).isEqualTo("1 tensor");
        assertThat(Units.count(1291, "tensor")).isEqualTo("1,291 tensors");
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        Table table = new Table("name", ">bytes");
        table.add("a", "1,000");
        table.add("longer", "7");

        assertThat(table.toString().lines()).containsExactly("name    bytes", "a       1,000", "longer      7");
    }

    @Test
    void rowsHaveOneCellPerColumn() {
        assertThatThrownBy(() -> new Table("name").add("a", "b")).hasMessage("2 cells for 1 columns");
    }

    @Test
    void messagesKeepTheirLinesAndLoseTheirEscapeSequences() {
        assertThat(Printable.message("a\nb\tc\\d \u001b[31m\u202e\u0085"))
                .isEqualTo("a\nb\tc\\d \\x1b[31m\\u{202e}\\x85");
    }

    @Test
    void printableMessagesStayAsTheyAre() {
        String message = "Modell \u00e4\u6f22\ud83d\ude00: 'x' \\x1b";

        assertThat(Printable.message(message)).isEqualTo(message);
    }

    @Test
    void answersKeepJoinersButNoControlCharacters() {
        String persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645";
        String family = "\ud83d\udc69\u200d\ud83d\udc67";
        String harmless = persian + " " + family + "\tC:\\temp\n";
        assertThat(Printable.answer(harmless)).isEqualTo(harmless);
        assertThat(Printable.answer("a\r\n\u001b[31mred\u202e\u0007")).isEqualTo("a\n\\x1b[31mred\\u{202e}\\x07");
    }
}
