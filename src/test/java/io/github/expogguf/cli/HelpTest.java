package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.gguf.FileType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What --help shows: headings, what is required, and lines as wide as the terminal. */
class HelpTest {

    private static final List<String> WITHOUT_HEADINGS = List.of("help", "generate-completion");

    private static final Map<Integer, CommandLine> BY_WIDTH = new ConcurrentHashMap<>();

    private static CommandLine commands(int width) {
        return BY_WIDTH.computeIfAbsent(width, HelpTest::makeCommands);
    }

    private static CommandLine makeCommands(int width) {
        PrintStream none = new PrintStream(new ByteArrayOutputStream());
        Console console = new Console(new ByteArrayInputStream(new byte[0]), none, none);
        CommandLine root = Commands.addTo(new CommandLine(new RootCommand(console, (_, _, _) -> 0)), new String[0]);
        GroupedHelp.install(root, width);
        FileTypeList.install(root);
        return root;
    }

    private static String help(String command, int width) {
        StringWriter text = new StringWriter();
        commands(width).getSubcommands().get(command).usage(new PrintWriter(text));
        return text.toString();
    }

    static Stream<String> commandNames() {
        return commands(80).getSubcommands().keySet().stream().filter(name -> !WITHOUT_HEADINGS.contains(name));
    }

    private static String help(CommandLine command) {
        StringWriter text = new StringWriter();
        command.usage(new PrintWriter(text));
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("commandNames")
    void argumentsStandUnderHeadings(String name) {
        List<String> lines = help(name, 80).lines().toList();
        List<String> headings = lines.stream()
                .filter(line -> line.matches("Inputs:|Alpha:|Output:|Types:|Search:|Answers:|Running:"))
                .toList();

        assertThat(lines).doesNotContain("Options:");
        assertThat(headings).doesNotHaveDuplicates();
        int first = lines.indexOf(headings.getFirst());
        assertThat(lines.subList(0, first)).noneMatch(line -> line.matches(" {2,6}-.*"));
        assertThat(lines.get(first - 1)).isEmpty();
    }

    @Test
    void headingsAreInTheOrderOfTheWork() {
        assertThat(Ran.run("extrapolate", "--help").out())
                .containsSubsequence("\nInputs:\n", "\nAlpha:\n", "\nOutput:\n", "\nTypes:\n", "\nRunning:\n");
        assertThat(Ran.run("search", "--help").out())
                .containsSubsequence("\nInputs:\n", "\nAlpha:\n", "\nOutput:\n", "\nTypes:\n", "\nSearch:\n");
    }

    @Test
    void everyOptionHasAHeading() {
        commands(80).getSubcommands().forEach((name, command) -> {
            if (!WITHOUT_HEADINGS.contains(name)) {
                List<OptionSpec> options = command.getCommandSpec().options();
                assertThat(options)
                        .allSatisfy(option -> assertThat(GroupedHelp.Group.of(command.getCommandSpec(), option))
                                .as(name + " " + option.longestName())
                                .hasSize(1));
                String help = help(name, 80);
                assertThat(options).allSatisfy(option -> assertThat(help).contains(option.longestName()));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "extrapolate, --sft|--checkpoint --aligned|--adapter|--checkpoint --output|--dry-run",
        "quantize, --model --output|--dry-run",
        "export-lora, --sft --aligned",
        "compare, --sft --aligned|--adapter",
        "plan, --sft|--checkpoint|--model --aligned|--adapter|--checkpoint|--model --model|--sft&--aligned|--checkpoint",
        "eval, --sft|--checkpoint|--model --aligned|--adapter|--checkpoint|--model --model|--sft&--aligned|--checkpoint"
                + " --preferences|--prompts|--text --prompts|--preferences|--text --text|--preferences|--prompts",
        "imatrix, --sft|--checkpoint|--model --aligned|--adapter|--checkpoint|--model"
                + " --model|--sft&--aligned|--checkpoint --text --output",
        "generate, --sft|--checkpoint|--model --aligned|--adapter|--checkpoint|--model"
                + " --model|--sft&--aligned|--checkpoint --prompts --output",
        "chat, --sft|--checkpoint|MODEL|--model --aligned|--adapter|--checkpoint|MODEL|--model"
                + " --model|--sft&--aligned|--checkpoint MODEL|--sft&--aligned|--checkpoint",
        "search, --sft|--guide --aligned|--adapter|--guide --prompts|--preferences --preferences|--prompts",
        "listen, --sft|--guide --aligned|--adapter|--guide",
        "prompt, --model TEXT|--messages --messages|TEXT",
        "inspect, FILE",
        "verify, FILE",
        "doctor, ''",
        "version, ''"
    })
    void whatIsRequiredIsMarked(String command, String marks) {
        String[] blocks = help(command, 80).split("\n(?= {2,6}[-A-Z\\[])");

        assertThat(blocks)
                .filteredOn(block -> block.contains(" Required"))
                .extracting(block -> block.replaceAll("\\s+", " "))
                .extracting(block -> block.replaceFirst("^ (?:-\\w, )?(--[a-z-]+|[A-Z]+).* Required(.*?)\\. .*", "$1$2")
                        .replace(", or ", "|")
                        .replace(" or ", "|")
                        .replace(" and ", "&"))
                .containsExactlyInAnyOrder(marks.isEmpty() ? new String[0] : marks.split(" "));
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 120})
    void linesAreAsWideAsTheTerminal(int width) {
        CommandLine root = commands(width);

        assertThat(help(root).lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(width));
        root.getSubcommands()
                .forEach((name, command) -> assertThat(help(command).lines())
                        .as(name)
                        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(width)));
        assertThat(help("search", width).lines().mapToInt(String::length).max().orElse(0))
                .isGreaterThan(width - 12);
    }

    /** picocli broke 0.5 behind the point. */
    @ParameterizedTest
    @MethodSource("commandNames")
    void noWordIsBroken(String name) {
        CommandSpec spec = commands(80).getSubcommands().get(name).getCommandSpec();
        for (int width = 60; width <= 120; width += 7) {
            String text = help(name, width).replaceAll("\\s+", " ");
            for (ArgSpec argument : spec.args()) {
                String defaultValue = argument.defaultValue() == null ? "none" : argument.defaultValue();
                assertThat(text)
                        .contains(String.join(" ", argument.description())
                                .replace("${DEFAULT-VALUE}", defaultValue)
                                .replace("%%", "%"));
            }
            for (String paragraph : spec.usageMessage().description()) {
                assertThat(text).contains(paragraph);
            }
        }
    }

    /** A shell reads the same words, however the lines are broken. */
    @Test
    void examplesAreTheSameCommandsOnANarrowTerminal() {
        for (String name : List.of("extrapolate", "search", "prompt", "eval")) {
            assertThat(examples(help(name, 60))).isEqualTo(examples(help(name, 120)));
        }
        assertThat(help("search", 60))
                .contains("  expo-gguf search --sft SFT.gguf --aligned DPO.gguf \\\n"
                        + "      --type Q8_0 --prompts PROMPTS.jsonl \\\n"
                        + "      --judge 'python3 my_metric.py' \\\n"
                        + "      --max-length-ratio 1.3 --log SEARCH.log \\\n"
                        + "      --html SEARCH.html\n");
    }

    private static List<String> examples(String help) {
        return help.replaceAll(" \\\\\\R +", " ")
                .lines()
                .filter(line -> line.startsWith("  expo-gguf "))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"extrapolate", "plan", "compare", "export-lora", "chat", "eval", "generate", "search", "listen"})
    void foldersAreAmongTheModels(String command) {
        assertThat(Ran.run(command, "--help").out().replaceAll("\\s+", " "))
                .contains("The model before alignment: a GGUF", "a Hugging Face folder, or a .safetensors.");
    }

    @Test
    void fileTypesAreListedWithTheirBitsAndUse() {
        String text = Ran.run("quantize", "--help").out();

        for (FileType type : FileType.values()) {
            assertThat(text).containsPattern("\n  " + type + " +[0-9]+\\.[0-9]{2}\\+? +[a-z]");
        }
        assertThat(text).contains("  Q4_K_M     4.50+  the usual choice: small, and good\n");
    }
}
