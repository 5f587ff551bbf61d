package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.CommandProcess;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.documents.Document.Block;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgufCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the commands that the documents show, page by page, in a directory where the names that they use for files of
 * the reader stand for the miniature family. CONTRIBUTING.md tells how pages are written.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judges are commands of a Unix shell, the models links")
class DocumentedCommandsTest {

    private static final boolean SLOW = Boolean.getBoolean("expo.gguf.test.slow");
    private static final Path DEMO = Path.of("src/demo").toAbsolutePath();
    private static final Path FOLDERS =
            Path.of("src/test/resources/folders/llama_wide").toAbsolutePath();
    private static final List<String> PROGRAM = List.of("expo-gguf");
    private static final List<String> JAR = List.of("java", "-jar", "target/expo-gguf.jar");
    private static final Pattern SHOWN = Pattern.compile("(?: {4}|\\$ )?(?:expo-gguf [a-z-]+ .*|java -jar .*)");

    @TempDir
    private static Path directory;

    /** One for all pages, each of which finds the directory as if it were new. */
    private static CommandProcess process;

    @BeforeAll
    static void start() throws IOException {
        process = CommandProcess.start(directory);
    }

    @AfterAll
    static void end() throws IOException {
        process.close();
    }

    static List<Document> pages() throws IOException {
        return Document.all().stream()
                .filter(page -> !PageCommand.of(page, SLOW).isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandDoesWhatThePageShows(Document page) throws IOException {
        List<PageCommand> commands = PageCommand.of(page, SLOW).stream()
                .filter(command -> !isMake(command))
                .toList();
        standIn();
        for (PageCommand command : commands) {
            Ran ran = run(command);
            assertThat(ran.exitCode() != 0)
                    .as("%s: %s%n%s", command.line(), command.text(), ran.err())
                    .isEqualTo(command.isToFail());
            String printed = command.isToFail() ? ran.err() : ran.out();
            assertThat(command.isPrintedAs(printed))
                    .as("%s prints what the page shows:%n%s", command.line(), printed)
                    .isTrue();
        }
    }

    @AfterEach
    void empty() throws IOException {
        process.emptyDirectory();
    }

    private void standIn() throws IOException {
        Map<String, String> models = Map.ofEntries(
                Map.entry("SFT.gguf", "guide-sft-f16.gguf"),
                Map.entry("BASE.gguf", "guide-sft-f16.gguf"),
                Map.entry("DPO.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("MODEL.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("TUNED.gguf", "guide-dpo-10-f16.gguf"),
                Map.entry("CHAT.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("INSTRUCT.gguf", "guide-dpo-10-f16.gguf"),
                Map.entry("RL.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("UNSAFE.gguf", "guide-dpo-10-f16.gguf"),
                Map.entry("SAFE.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("ABLITERATED.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("A.gguf", "guide-dpo-10-f16.gguf"),
                Map.entry("B.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("C.gguf", "guide-dpo-100-f16.gguf"),
                Map.entry("S100.gguf", "guide-dpo-10-f16.gguf"),
                Map.entry("S200.gguf", "guide-dpo-20-f16.gguf"),
                Map.entry("S300.gguf", "guide-dpo-100-f16.gguf"),
                Map.entry("judge.py", "judge.py"));
        for (Map.Entry<String, String> model : models.entrySet()) {
            Files.createSymbolicLink(directory.resolve(model.getKey()), DEMO.resolve(model.getValue()));
        }
        Files.createSymbolicLink(directory.resolve("SFT-FOLDER"), FOLDERS.resolve("sft"));
        Files.createSymbolicLink(directory.resolve("ALIGNED-FOLDER"), FOLDERS.resolve("aligned"));
        Files.createSymbolicLink(directory.resolve("LIKE.gguf"), FOLDERS.resolve("like.gguf"));
        writeAsForLongerContexts(directory.resolve("YARN.gguf"));
        Files.createSymbolicLink(Files.createDirectory(directory.resolve("src")).resolve("demo"), DEMO);
        Files.createDirectory(directory.resolve("models"));
        DemoFiles.head("prompts.jsonl", 6, directory.resolve("PROMPTS.jsonl"));
        DemoFiles.head("preferences.jsonl", 12, directory.resolve("PREFERENCES.jsonl"));
        DemoFiles.head("calibration.txt", 40, directory.resolve("TEXT.txt"));
        DemoFiles.head("calibration.txt", 40, directory.resolve("calibration.txt"));
        Files.writeString(directory.resolve("CHAT.json"), """
                [{"role": "user", "content": "Hi!"}, {"role": "assistant", "content": "Hello, friend!"}]
                """);
    }

    /** The aligned model as a {@code config.json} with YaRN has it converted. */
    private static void writeAsForLongerContexts(Path path) throws IOException {
        GgufCopy.write(
                DEMO.resolve("guide-dpo-20-f16.gguf"),
                path,
                Map.of(
                        "llama.rope.scaling.type", MetadataValue.ofString("yarn"),
                        "llama.rope.scaling.factor", MetadataValue.ofFloat32(4)));
    }

    private static boolean isMake(PageCommand command) {
        return command.words().getFirst().equals("make");
    }

    private static Ran run(PageCommand command) throws IOException {
        List<String> words = command.words();
        int pipe = words.indexOf("|");
        String input = pipe < 0 ? "" : input(words.subList(0, pipe));
        List<String> called = words.subList(pipe + 1, words.size());
        for (List<String> prefix : List.of(PROGRAM, JAR)) {
            if (called.size() > prefix.size()
                    && called.subList(0, prefix.size()).equals(prefix)) {
                return process.runWithInput(
                        input, called.subList(prefix.size(), called.size()).toArray());
            }
        }
        throw new AssertionError(command.line() + ": not a command that can be tried; say <!-- not run: WHY -->");
    }

    private static String input(List<String> words) {
        assertThat(words).hasSize(2);
        return switch (words.getFirst()) {
            case "echo" -> words.getLast() + "\n";
            case "printf" -> words.getLast().replace("\\n", "\n");
            default -> throw new AssertionError("echo or printf: " + words);
        };
    }

    @Test
    void everyCommandStandsInABlockThatIsRunOrSaysWhyNot() throws IOException {
        for (Document page : Document.all()) {
            Stream<String> inOtherBlocks = page.blocks().stream()
                    .filter(block -> !List.of("sh", "console").contains(block.language()))
                    .map(Block::lines)
                    .flatMap(List::stream);
            assertThat(Stream.concat(page.prose().stream().filter(line -> line.startsWith(" ")), inOtherBlocks)
                            .filter(SHOWN.asMatchPredicate()))
                    .as("commands of %s outside of blocks of sh or console", page)
                    .isEmpty();
        }
    }

    @Test
    void everyTargetOfMakeIsThere() throws IOException {
        String makefile = Files.readString(Path.of("Makefile"));
        Pattern named = Pattern.compile("(?:`|^|\\$ )make ([a-z][a-z0-9-]*)", Pattern.MULTILINE);
        List<String> targets = new ArrayList<>();
        for (Document page : Document.all()) {
            named.matcher(Files.readString(page.path()))
                    .results()
                    .map(found -> found.group(1))
                    .forEach(targets::add);
        }
        assertThat(targets)
                .contains("build", "trust")
                .allSatisfy(target -> assertThat(makefile).contains("\n" + target + ":"));
    }

    @Test
    void thePageHasEveryCommandAndEveryExitCode() throws IOException {
        String page = Files.readString(Path.of("docs/commands.md"));
        String help = Ran.run("--help").out();
        assertThat(found("(?m)^  ([a-z-]+) {2,}\\S", help, "Commands:"))
                .contains("extrapolate")
                .allSatisfy(name -> assertThat(page).contains("\n| `" + name + "` |"));
        assertThat(found("(?m)^  (\\d+) ", help, "Exit codes:"))
                .contains("0")
                .allSatisfy(code -> assertThat(page).contains("\n| " + code + " |"));
    }

    private static List<String> found(String pattern, String help, String heading) {
        String section = help.substring(help.indexOf(heading)).split("\n\n", 2)[0];
        return Pattern.compile(pattern)
                .matcher(section)
                .results()
                .map((MatchResult result) -> result.group(1))
                .filter(name -> !name.equals("help"))
                .toList();
    }
}
