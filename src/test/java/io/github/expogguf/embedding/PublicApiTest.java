package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublicApiTest {

    private static final Path LIST = Path.of("src", "test", "resources", "api.txt");

    /** So that a change of what applications use is seen in the change itself. */
    @Test
    void isTheCommittedOne() throws IOException {
        List<String> lines = PublicApi.lines();
        if (Boolean.getBoolean("expo.gguf.test.api.write")) {
            Files.write(LIST, lines);
        }

        assertThat(lines).as("the public API; 'make api' renews %s", LIST).isEqualTo(Files.readAllLines(LIST));
    }
}
