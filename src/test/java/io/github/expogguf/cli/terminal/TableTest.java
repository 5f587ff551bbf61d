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
}
