package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.option.Written;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** Outputs named like an input, or like each other: refused before any work, and every file stays as it is. */
class WrittenFilesTest {

    private static final String SFT = "sft-00001-of-00001.gguf";

    @TempDir
    private Path directory;

    @BeforeEach
    void inputs() throws IOException {
        Files.copy(DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf"), directory.resolve(SFT));
        Files.copy(DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf"), directory.resolve("aligned.gguf"));
        Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Which city rules Chile?\"}\n");
        Files.writeString(
                directory.resolve("preferences.jsonl"),
                "{\"prompt\": \"Hello\", \"chosen\": \"Hello.\", \"rejected\": \"No.\"}\n");
        Files.writeString(directory.resolve("text.txt"), "Chile is a country.");
        Files.writeString(directory.resolve("README.md"), "Peru is a country.");
        Files.writeString(directory.resolve("answers.gbnf"), "root ::= [a-z]+");
        Files.writeString(directory.resolve("judge.sh"), "exit 1");
        Files.writeString(directory.resolve("sft-00002-of-00002.gguf"), "another set");
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("aligned.gguf"));
    }

    private static final String PAIR = "--sft " + SFT + " --aligned aligned.gguf ";

    private Ran run(String line) {
        List<String> words = Arrays.stream(line.split(" "))
                .map(word -> Files.exists(directory.resolve(word)) || word.startsWith("new")
                        ? directory + "/" + word // a path would forget a slash at the end
                        : word)
                .toList();
        return Ran.run(words.toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "search " + PAIR + "--prompts prompts.jsonl --json-file " + SFT,
                "search " + PAIR + "--prompts prompts.jsonl --csv aligned.gguf",
                "search " + PAIR + "--prompts prompts.jsonl --html link",
                "search " + PAIR + "--prompts prompts.jsonl --json-file prompts.jsonl",
                "search " + PAIR + "--preferences preferences.jsonl --html preferences.jsonl",
                "search " + PAIR + "--preferences preferences.jsonl --text text.txt --csv text.txt",
                "search " + PAIR + "--preferences preferences.jsonl --write " + SFT,
                "search " + PAIR + "--preferences preferences.jsonl --log preferences.jsonl",
                "search " + PAIR + "--preferences preferences.jsonl --text README.md --write new.gguf --card",
                "listen " + PAIR + "--prompts prompts.jsonl --json-file aligned.gguf",
                "listen " + PAIR + "--prompts prompts.jsonl --write aligned.gguf",
                "generate -m aligned.gguf --prompts prompts.jsonl -o prompts.jsonl",
                "generate -m aligned.gguf --prompts prompts.jsonl -o aligned.gguf",
                "generate -m aligned.gguf --prompts prompts.jsonl --grammar-file answers.gbnf -o answers.gbnf",
                "compare " + PAIR + "--html aligned.gguf",
                "eval -m aligned.gguf --preferences preferences.jsonl --csv preferences.jsonl",
                "extrapolate " + PAIR + "-o link",
                "extrapolate " + PAIR + "--recipe text.txt -o text.txt",
                "extrapolate " + PAIR + "--recipe aligned.gguf -o aligned.gguf",
                "quantize -m aligned.gguf -o aligned.gguf",
            })
    void noInputIsReplaced(String line) {
        String before = contents();
        Ran ran = run(line + " --force");

        assertThat(ran.err()).contains(": the output is one of the inputs (");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void aShardOfAnInputIsAnInput() throws IOException {
        Files.move(directory.resolve(SFT), directory.resolve("sft-00001-of-00002.gguf"));
        String before = contents();
        Ran ran = run(
                "compare " + PAIR.replace(SFT, "sft-00001-of-00002.gguf") + "--html sft-00002-of-00002.gguf --force");

        assertThat(ran.err()).contains("the output is one of the inputs (--sft ");
        assertThat(contents()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"--csv,--json-file", "--html,--csv", "--log,--json-file", "--write,--html"})
    void noOutputIsAnother(String one, String other) {
        String before = contents();
        Ran ran = run("search " + PAIR + "--preferences preferences.jsonl " + one + " new " + other + " new");

        assertThat(ran.err()).contains(" is the same file");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(contents()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "search " + PAIR + "--preferences preferences.jsonl --csv -",
                "search " + PAIR + "--preferences preferences.jsonl --json-file=-",
                "search " + PAIR + "--preferences preferences.jsonl --html -",
                "search " + PAIR + "--preferences preferences.jsonl --log -",
                "search " + PAIR + "--preferences preferences.jsonl --write -",
                "listen " + PAIR + "--prompts prompts.jsonl --log -",
                "compare " + PAIR + "--html -",
                "extrapolate " + PAIR + "-o -",
                "quantize -m aligned.gguf --type Q8_0 -o -",
                "imatrix -m aligned.gguf --text text.txt -o -",
                "generate -m aligned.gguf --prompts prompts.jsonl -o -",
            })
    void stdoutIsNoFile(String line) {
        Ran ran = run(line);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(" -: this goes to a file, not to stdout; ./- names a file that is called so\n");
        assertThat(ran.out()).isEmpty();
        assertThat(Path.of("-")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "search " + PAIR + "--preferences preferences.jsonl --write new/",
                "listen " + PAIR + "--prompts prompts.jsonl --log new/",
                "compare " + PAIR + "--html new/",
                "export-lora " + PAIR + "--rank 4 -o new/",
                "imatrix -m aligned.gguf --text text.txt -o new/",
                "generate -m aligned.gguf --prompts prompts.jsonl -o new/",
            })
    void aDirectoryIsNoFile(String line) {
        String before = contents();
        Ran ran = run(line);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("new/: names a directory, expected a file: add its name\n");
        assertThat(contents()).isEqualTo(before);
    }

    /** Options that name a file, by the words of their help. */
    @Test
    void everyOptionThatNamesAnOutputSaysSo() {
        Set<String> written = new TreeSet<>();
        Set<String> told = new TreeSet<>();
        CommandLine all = Commands.addTo(new CommandLine(new RootCommand(null, (_, _, _) -> 0)), new String[] {"help"});
        for (CommandLine command : all.getSubcommands().values()) {
            for (ArgSpec arg : command.getCommandSpec().args()) {
                String name = command.getCommandName() + " " + arg.paramLabel() + " " + arg.description()[0];
                if (arg.userObject() instanceof AnnotatedElement field && field.isAnnotationPresent(Written.class)) {
                    written.add(name);
                }
                boolean isFile = Set.of("FILE", "OUT").contains(arg.paramLabel());
                if (isFile
                        && (arg.paramLabel().equals("OUT")
                                || arg.description()[0].matches("(Write (?!this )|Keep ).*"))) {
                    told.add(name);
                }
            }
        }
        assertThat(written).isEqualTo(told).hasSizeGreaterThan(10);
    }

    private String contents() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted()
                    .map(file -> file.getFileName() + " " + hash(file))
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int hash(Path file) {
        try {
            return Arrays.hashCode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
