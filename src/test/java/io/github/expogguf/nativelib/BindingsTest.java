package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jar carries a class for every function of the list, whether somebody calls it or not. */
class BindingsTest {

    private static final String ORACLES = "# what the tests and the benchmark compare with";

    private static final Pattern USE =
            Pattern.compile("Llama(?:\\.|::)(\\w+)|import io\\.github\\.expogguf\\.bindings\\.(\\w+);");

    /** The symbols of the list, of one heading or of all others. */
    private static TreeSet<String> listed(boolean ofOracles) throws IOException {
        TreeSet<String> symbols = new TreeSet<>();
        String heading = "";
        for (String line : Files.readAllLines(Path.of("bindings/includes.txt"))) {
            heading = line.startsWith("#") ? line : heading;
            if (line.startsWith("--include-") && heading.startsWith(ORACLES) == ofOracles) {
                symbols.add(line.split(" ")[1]);
            }
        }
        return symbols;
    }

    private static TreeSet<String> used(String... roots) throws IOException {
        TreeSet<String> symbols = new TreeSet<>();
        for (Path file : sources(roots)) {
            Matcher uses = USE.matcher(Files.readString(file));
            while (uses.find()) {
                symbols.add(uses.group(1) == null ? uses.group(2) : uses.group(1));
            }
        }
        return symbols;
    }

    private static List<Path> sources(String... roots) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String root : roots) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    @Test
    void whatIsBoundTheLibraryCalls() throws Exception {
        assertThat(used("src/main/java")).containsAll(listed(false));
    }

    @Test
    void whatIsBoundToCompareWithTheTestsCallAlone() throws Exception {
        assertThat(listed(true)).isNotEmpty().doesNotContainAnyElementsOf(used("src/main/java"));
        assertThat(used("src/test/java", "src/jmh/java")).containsAll(listed(true));
    }
}
