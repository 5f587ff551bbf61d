package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** An option has one form and one meaning, in whatever command it stands. */
class OptionNamesTest {

    /** Into an output only a template that is known as text can be written, not a family that llama.cpp renders. */
    private static final Set<String> OTHER_LABELS = Set.of("--chat-template");

    /** To be said again to 'verify', whose help says of each that the file was made from it. */
    private static final Set<String> SAID_AGAIN =
            Set.of("--sft", "--aligned", "--model", "--adapter", "--delta", "--checkpoint", "--imatrix");

    /** Options whose help is not the same in all other commands, and why they mean one thing all the same. */
    private static final Map<String, String> OTHER_WORDS = Map.ofEntries(
            Map.entry("--aligned", "of export-lora no adapter can make it"),
            Map.entry("--chat-template", "in the place of the model's: in the output, or in the prompts"),
            Map.entry("--chunk", "tokens of a chunk of the text; of imatrix the default is llama-imatrix's"),
            Map.entry("--csv", "the numbers of the command as a table; of search never to stdout"),
            Map.entry("--delta", "of search it weighs the same at every alpha"),
            Map.entry("--force", "replaces what is there; of search and listen never the log"),
            Map.entry("--help", "of 'help' in the words of picocli"),
            Map.entry("--html", "the report as a page"),
            Map.entry("--json-file", "what --json prints"),
            Map.entry("--log", "what was measured so far, or heard"),
            Map.entry("--max-alpha", "farthest alpha that is tried; the default is of the command"),
            Map.entry("--max-distance", "farthest from the SFT model; the default is of the command"),
            Map.entry("--model", "one model that is there as a file; what else could be in its place, is said"),
            Map.entry("--output", "file to write; its kind is said, and its name where none is given"),
            Map.entry("--prompts", "of listen they can be typed, too"),
            Map.entry("--rank", "of what is kept of the delta: of the step, or of the adapter"),
            Map.entry("--text", "what the model reads; what is measured on it, is said"),
            Map.entry("--type", "of the output; of an adapter there are four"));

    private final CommandLine root;

    OptionNamesTest() {
        PrintStream none = new PrintStream(new ByteArrayOutputStream());
        Console console = new Console(new ByteArrayInputStream(new byte[0]), none, none);
        root = Commands.addTo(new CommandLine(new RootCommand(console, (_, _, _) -> 0)), new String[0]);
    }

    @Test
    void oneNameHasOneMeaning() {
        Map<String, Set<String>> texts = new TreeMap<>();
        root.getSubcommands()
                .forEach((command, line) -> line.getCommandSpec()
                        .options()
                        .forEach(option -> longNames(option)
                                .filter(name -> !(command.equals("verify") && SAID_AGAIN.contains(name)))
                                .forEach(name -> texts.computeIfAbsent(name, _ -> new HashSet<>())
                                        .add(String.join(" ", option.description())))));
        texts.values().removeIf(each -> each.size() == 1);

        assertThat(texts.keySet()).isEqualTo(OTHER_WORDS.keySet());
    }

    /** A letter stands for one name. */
    @Test
    void oneLetterHasOneMeaning() {
        Map<String, Set<String>> names = new TreeMap<>();
        root.getSubcommands()
                .values()
                .forEach(line -> line.getCommandSpec()
                        .options()
                        .forEach(option -> Stream.of(option.names())
                                .filter(name -> !name.startsWith("--"))
                                .forEach(letter -> names.computeIfAbsent(
                                                letter, _ -> longNames(option).collect(Collectors.toSet()))
                                        .retainAll(longNames(option).collect(Collectors.toSet())))));

        assertThat(names)
                .containsKeys("-m", "-o", "-c")
                .allSatisfy((letter, common) -> assertThat(common).as(letter).isNotEmpty());
    }

    /** By one of its names, in the pages for users. */
    @Test
    void everyCommandAndOptionIsInTheDocuments() throws IOException {
        StringBuilder pages = new StringBuilder(Files.readString(Path.of("README.md")));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            for (Path file : files.toList()) {
                pages.append(Files.readString(file));
            }
        }
        String commands = Files.readString(Path.of("docs/commands.md"));
        root.getSubcommands().forEach((command, line) -> {
            assertThat(commands).contains("\n| `" + command + "` | ");
            assertThat(line.getCommandSpec().options())
                    .allSatisfy(option -> assertThat(option.names())
                            .as(command + " " + option.longestName())
                            .anySatisfy(name -> assertThat(pages)
                                    .containsPattern("(?<![\\w-])" + Pattern.quote(name) + "(?![\\w-])")));
        });
    }

    private static Stream<String> longNames(OptionSpec option) {
        return Stream.of(option.names()).filter(name -> name.startsWith("--"));
    }

    @Test
    void oneNameHasOneForm() {
        Map<String, String> forms = new HashMap<>();
        root.getSubcommands()
                .forEach((command, line) -> line.getCommandSpec().options().forEach(option -> {
                    for (String name : option.names()) {
                        String form = form(option);
                        assertThat(forms.getOrDefault(name, form))
                                .as(command + " " + name)
                                .isEqualTo(form);
                        forms.put(name, form);
                    }
                }));
        assertThat(forms).hasSizeGreaterThan(100).containsEntry("--json", "0");
    }

    private static String form(OptionSpec option) {
        return option.arity()
                + (option.arity().max() == 0 || OTHER_LABELS.contains(option.longestName())
                        ? ""
                        : " " + option.paramLabel());
    }
}
