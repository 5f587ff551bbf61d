package io.github.expogguf.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortNamesTest {

    private static final Path ONE = Path.of("a", "x", "m.gguf");
    private static final Path TWO = Path.of("b", "x", "m.gguf");
    private static final Path OTHER = Path.of("b", "x", "n.gguf");

    @Test
    void foldersStandWhereTheyTellFilesApart() {
        ShortNames names = ShortNames.of(List.of(ONE, TWO, OTHER, OTHER));

        assertThat(names.of(ONE)).isEqualTo(ONE.toString());
        assertThat(names.of(TWO)).isEqualTo(TWO.toString());
        assertThat(names.of(OTHER)).isEqualTo("n.gguf");
    }

    @Test
    void whatStandsBeforeANameIsToldByItself() {
        ShortNames names = ShortNames.of(List.of(ONE, TWO, OTHER));

        assertThat(names.before(TWO) + "m.gguf").isEqualTo(TWO.toString());
        assertThat(names.before(OTHER)).isEmpty();
        assertThat(ShortNames.withoutFolders(names.of(TWO))).isEqualTo("m.gguf");
        assertThat(ShortNames.withoutFolders("m.gguf")).isEqualTo("m.gguf");
    }
}
