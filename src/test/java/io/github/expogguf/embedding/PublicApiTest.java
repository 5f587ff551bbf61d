package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("house")
class PublicApiTest {

    private static final Path LIST = Path.of("src", "test", "resources", "api.txt");

    /** So that a change of what applications use is seen in the change itself. */
    @Test
    void isTheCommittedOne() throws IOException {
        List<String> lines = PublicApi.lines();
        if (Boolean.getBoolean("expo.gguf.test.api.write")) {
            Files.write(LIST, lines);
        }

        List<String> listed = Files.readAllLines(LIST);
        List<String> changes = new ArrayList<>();
        minus(listed, lines).forEach(line -> changes.add("- " + line));
        minus(lines, listed).forEach(line -> changes.add("+ " + line));
        assertThat(changes)
                .as("changes of the public API; 'make api' writes them to %s", LIST)
                .isEmpty();
        assertThat(lines).hasSameSizeAs(listed);
    }

    private static Set<String> minus(List<String> some, List<String> others) {
        Set<String> rest = withTheirTypes(some);
        rest.removeAll(withTheirTypes(others));
        return rest;
    }

    /** Members behind the type that they stand below. */
    private static Set<String> withTheirTypes(List<String> lines) {
        Set<String> all = new LinkedHashSet<>();
        String type = "";
        for (String line : lines) {
            type = line.startsWith(" ") ? type : line;
            all.add(line.startsWith(" ") ? type + " {" + line.strip() + "}" : line);
        }
        return all;
    }
}
