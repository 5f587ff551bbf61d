package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.LOCALE)
class SplitNamesTest {

    private final Locale before = Locale.getDefault();

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    /** llama.cpp finds the other shards by names that it makes with printf. */
    @Test
    void namesHaveTheSameDigitsInEveryLanguage() {
        Locale.setDefault(Locale.of("ar", "EG"));

        assertThat(SplitNames.shardName("model", 1, 3)).isEqualTo("model-00002-of-00003.gguf");
        assertThat(SplitNames.prefix(Path.of("model-00002-of-00003.gguf"), 1, 3))
                .contains("model");
    }
}
