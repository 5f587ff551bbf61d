package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.documents.Document.Block;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the documents together: their links, their index, their Java, and the figures that stand in two of them. */
@Tag("house")
class DocumentsTest {

    private static final Path INDEX = Path.of("docs/README.md");

    /** Two digits or more, or a fraction: what was counted or measured. */
    private static final Pattern FIGURE = Pattern.compile("\\d[\\d,]*\\.\\d+|\\d[\\d,]+\\d|\\d\\d");

    static List<Document> documents() throws IOException {
        return Document.all();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(Document document) throws IOException {
        for (String link : document.links()) {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? document.path() : beside(document.path(), parts[0]);
            assertThat(target).as("%s: %s", document, link).exists();
            if (parts.length == 2) {
                assertThat(Document.read(target).anchors())
                        .as("%s: %s", document, link)
                        .contains(parts[1]);
            }
        }
    }

    private static Path beside(Path page, String link) {
        return page.resolveSibling(link).normalize();
    }

    @Test
    void theIndexNamesEveryPage() throws IOException {
        List<String> named = Document.read(INDEX).links().stream()
                .map(link -> beside(INDEX, link).toString())
                .toList();
        for (Document document : Document.all()) {
            assertThat(named.contains(document.toString()) || document.path().equals(INDEX))
                    .as("docs/README.md names %s", document)
                    .isTrue();
        }
    }

    @Test
    void theMapNamesEveryRoom() throws IOException {
        String map = Files.readString(Path.of("CONTRIBUTING.md"));
        Path root = Path.of("src/main/java/io/github/expogguf");
        try (Stream<Path> folders = Files.walk(root).filter(Files::isDirectory).skip(1)) {
            assertThat(folders.map(folder -> root.relativize(folder).toString().replace(File.separatorChar, '.'))
                            .filter(room -> !map.contains("`" + room + "`")
                                    && !map.contains("`" + room.substring(room.lastIndexOf('.') + 1) + "`")))
                    .as("rooms that CONTRIBUTING.md does not name")
                    .isEmpty();
        }
    }

    /** The language decides what is tried. */
    @ParameterizedTest
    @MethodSource("documents")
    void everyBlockNamesALanguageThatIsKnown(Document document) {
        for (Block block : document.blocks()) {
            assertThat(block.language())
                    .as("%s:%d", document, block.firstLine() - 1)
                    .isIn("sh", "console", "java", "xml", "yaml", "text");
        }
        assertThat(document.prose())
                .as("blocks of %s that are indented", document)
                .noneMatch(line -> line.strip().startsWith("```"));
    }

    /** Rows of tables have no other way. */
    @ParameterizedTest
    @MethodSource("documents")
    void proseIsNoWiderThanTheSource(Document document) {
        assertThat(document.prose())
                .as("lines of %s", document)
                .filteredOn(line -> !line.strip().startsWith("|") && !line.contains("https://"))
                .allMatch(line -> line.length() <= 120);
    }

    @Test
    void javaInTheDocumentsIsJavaThatTheTestsRun() throws IOException {
        List<String> programs;
        try (Stream<Path> files = Files.list(Path.of("src/example/java/example"))) {
            programs = files.map(DocumentsTest::text).toList();
        }
        int snippets = 0;
        for (Document document : Document.all()) {
            for (Block block : document.blocks()) {
                if (block.language().equals("java")) {
                    snippets++;
                    assertThat(programs.stream().anyMatch(program -> holds(program, block.lines())))
                            .as(
                                    "a program in src/example has line by line what %s shows at line %d",
                                    document, block.firstLine())
                            .isTrue();
                }
            }
        }
        assertThat(snippets).isPositive();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Whether the lines stand in a text, one after the other, all of them indented alike. */
    private static boolean holds(String text, List<String> lines) {
        return Stream.of(0, 4, 8, 12, 16)
                .map(" "::repeat)
                .anyMatch(indent -> text.contains(lines.stream()
                        .map(line -> line.isEmpty() ? "\n" : indent + line + "\n")
                        .collect(Collectors.joining())));
    }

    @Test
    void dependenciesInTheDocumentsAreOfTheVersionThatIsBuilt() throws IOException {
        Pattern version = Pattern.compile("(?:<version>|expo-gguf:)([0-9][^<@`]*)");
        String built = version.matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        for (Path file : List.of(Path.of("README.md"), Path.of("docs/library.md"))) {
            assertThat(version.matcher(Files.readString(file)).results())
                    .as(file.toString())
                    .isNotEmpty()
                    .allSatisfy(found -> assertThat(found.group(1)).isEqualTo(built));
        }
        assertThat(Files.readString(Path.of("src/consumer/pom.xml")))
                .contains("<expo-gguf.version>" + built + "</expo-gguf.version>");
    }

    @Test
    void figuresOfTheReadmeStandWithTheirCommandInDocs() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("README.md")).stream()
                .dropWhile(line -> !line.startsWith("| question"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        String sources = text(Path.of("docs/trust.md")) + text(Path.of("docs/choosing-alpha.md"));

        assertThat(rows).hasSize(5);
        assertThat(FIGURE.matcher(String.join("\n", rows)).results().map(MatchResult::group))
                .isNotEmpty()
                .allSatisfy(figure -> assertThat(sources).containsPattern("(?<![\\d.,])" + figure + "(?![\\d])"));
    }

    @Test
    void everyRowOfTrustIsPrintedByASuite() throws IOException {
        List<String> labels = Files.readAllLines(Path.of("docs/trust.md")).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| what was tried"))
                .map(line -> line.split("\\|")[1].strip())
                .toList();
        String suites;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            suites = files.filter(file -> file.toString().endsWith(".java"))
                    .map(DocumentsTest::text)
                    .collect(Collectors.joining())
                    .replaceAll("\"\\s*\\+\\s*\"", "");
        }
        assertThat(labels).hasSizeGreaterThan(20);
        assertThat(labels)
                .allSatisfy(label -> assertThat(printedStart(label, suites))
                        .as("a suite prints '%s'", label)
                        .isPresent());
    }

    /** The constant beginning of a label, which a suite goes on with words or numbers of the run. */
    private static Optional<String> printedStart(String label, String suites) {
        for (int end = label.length(); end >= 12; end--) {
            if (suites.contains("\"" + label.substring(0, end))) {
                return Optional.of(label.substring(0, end));
            }
        }
        return Optional.empty();
    }
}
