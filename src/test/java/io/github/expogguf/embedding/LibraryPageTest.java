package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of packages on the library's page, from which newcomers take their imports. */
class LibraryPageTest {

    private static final String ROOT = "io.github.expogguf";

    private record Row(List<String> packages, List<String> types) {}

    private static List<Row> rows() throws IOException {
        String page = Files.readString(Path.of("docs", "library.md"));
        String table = page.substring(page.indexOf("| package |"));
        return table.substring(0, table.indexOf("\n\n"))
                .lines()
                .skip(2)
                .map(line -> line.split("\\|"))
                .map(cells -> new Row(code(cells[1]), code(cells[2])))
                .toList();
    }

    private static List<String> code(String cell) {
        return Pattern.compile("`([^`]+)`")
                .matcher(cell)
                .results()
                .map(MatchResult::group)
                .map(each -> each.substring(1, each.length() - 1))
                .toList();
    }

    private static boolean exists(String type) {
        try {
            Class.forName(type, false, LibraryPageTest.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Test
    void namesEveryPackageThatTheModuleExports() throws IOException {
        List<String> named = new ArrayList<>(List.of(ROOT));
        for (Row row : rows()) {
            row.packages().forEach(each -> named.add(ROOT + "." + each));
        }
        assertThat(named).containsExactlyInAnyOrderElementsOf(PublicApi.exports());
    }

    @Test
    void namesTypesWhereTheyStand() throws IOException {
        assertThat(rows()).allSatisfy(row -> {
            assertThat(row.types()).isNotEmpty().allMatch(type -> isIn(row, type));
        });
    }

    private static boolean isIn(Row row, String type) {
        return row.packages().stream().anyMatch(each -> exists(ROOT + "." + each + "." + type));
    }
}
