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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What --help shows: headings, what is required, and lines as wide as the terminal. */
class HelpTest {

    private static CommandLine commands(int width) {
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
            if (!List.of("help", "generate-completion").contains(name)) {
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
        "extrapolate, --sft --aligned --output",
        "quantize, --model --output",
        "export-lora, --sft --aligned",
        "generate, --prompts --output",
        "version, ''"
    })
    void requiredOptionsAreMarked(String command, String names) {
        String[] blocks = Ran.run(command, "--help").out().split("\n(?= {2,6}-)");

        assertThat(blocks)
                .filteredOn(block -> block.contains(" Required. "))
                .extracting(block -> block.replaceFirst("(?s)^.*?(--[a-z-]+).*", "$1"))
                .containsExactlyInAnyOrder(names.isEmpty() ? new String[0] : names.split(" "));
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 120})
    void linesAreAsWideAsTheTerminal(int width) {
        String text = help("search", width).replaceFirst("(?s)Example.*", "");

        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(width));
        assertThat(text.lines().mapToInt(String::length).max().orElse(0)).isGreaterThan(width - 12);
    }

    /** picocli broke 0.5 behind the point. */
    @Test
    void noWordIsBroken() {
        CommandLine root = commands(80);
        for (int width = 70; width < 120; width++) {
            String text = help("extrapolate", width).replaceAll("\\s+", " ");
            for (OptionSpec option :
                    root.getSubcommands().get("extrapolate").getCommandSpec().options()) {
                assertThat(text).contains(String.join(" ", option.description()).replace("%%", "%"));
            }
        }
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
