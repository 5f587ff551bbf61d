package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void columnsThatDoNotFitStandBelow() {
        Table table = new Table("name", ">one", ">two", ">three");
        table.add("a", "1", "22", "333");

        assertThat(table.fitting(40)).isEqualToNormalizingNewlines(table.toString());
        assertThat(table.fitting(14))
                .isEqualToNormalizingNewlines("name  one  two\na       1   22\n\nname  three\na       333\n");
    }

    @Test
    void longNamesStandOnALineOfTheirOwn() {
        Table table = new Table("name", ">one", "two");
        table.add("short", "1", "22");
        table.add("a.name.of.twenty-four...", "1", "22");

        assertThat(table.fits(34)).isTrue();
        assertThat(table.fits(33)).isFalse();
        assertThat(table.fitting(28))
                .isEqualToNormalizingNewlines("name                one  two\nshort                 1  22\n"
                        + "a.name.of.twenty-four...\n                      1  22\n");
    }
}
