package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Every option of every command, with a value that it cannot have: what is wrong is said in words of people. */
class WrongValuesTest {

    private static final Pattern JAVA = Pattern.compile("\\b(int|long|double|float|boolean|enum|null|class|java|Integer"
            + "|Long|Path|List|index|[A-Za-z]*Exception)\\b|<[a-z]|\\[[a-z]");

    /** What goes on behind a number that is none. */
    private static final Pattern RIGHT =
            Pattern.compile("as in [0-9]|as [0-9]|such as [0-9]|[0-9] to [0-9]|all or auto");

    private static final Set<Class<?>> NUMBERS =
            Set.of(Integer.class, Integer.TYPE, Long.class, Long.TYPE, Float.class, Float.TYPE, Double.TYPE);

    private static final String WRONG = "wrong";
    private static final String NO_FILE = "no\0file";

    /** Where a single word names a file. */
    private static final Map<String, String> OF_TWO_PARTS = Map.of("--adapter", "a.gguf=" + WRONG);

    private static Stream<Arguments> values() {
        PrintStream none = new PrintStream(new ByteArrayOutputStream());
        Console console = new Console(new ByteArrayInputStream(new byte[0]), none, none);
        return Commands.addTo(new CommandLine(new RootCommand(console, (_, _, _) -> 0)), new String[0])
                .getSubcommands()
                .entrySet()
                .stream()
                .filter(command -> !command.getKey().equals("help")) // which is picocli's
                .flatMap(command -> command.getValue().getCommandSpec().args().stream()
                        .filter(arg -> !isAnyText(arg))
                        .map(arg -> Arguments.of(
                                command.getKey(),
                                arg instanceof OptionSpec option ? option.longestName() : "",
                                value(arg),
                                NUMBERS.contains(elementType(arg)))));
    }

    private static Class<?> elementType(ArgSpec arg) {
        return arg.isMultiValue() ? arg.auxiliaryTypes()[0] : arg.type();
    }

    private static boolean isAnyText(ArgSpec arg) {
        return elementType(arg) == String.class && arg.converters().length == 0;
    }

    private static String value(ArgSpec arg) {
        boolean isFile = elementType(arg) == Path.class || elementType(arg) == String.class;
        return isFile
                ? NO_FILE
                : arg instanceof OptionSpec option ? OF_TWO_PARTS.getOrDefault(option.longestName(), WRONG) : WRONG;
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatIsWrongIsSaidInWordsOfPeople(String command, String option, String value, boolean isNumber) {
        Ran ran = option.isEmpty() ? Ran.run(command, value) : Ran.run(command, option + "=" + value);

        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
        String message = ran.err().lines().findFirst().orElseThrow();
        assertThat(message)
                .startsWith("expo-gguf: error: ")
                .contains(option, value.equals(NO_FILE) ? "'no\\x00file' is not a file name" : WRONG)
                .doesNotContainPattern(JAVA)
                .doesNotContain("?;");
        if (isNumber) {
            assertThat(message).containsPattern(RIGHT);
        }
    }

    @Test
    void everyKindOfValueIsThere() {
        assertThat(values()).hasSizeGreaterThan(300);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "imatrix --chunk=1.5|invalid value for option '--chunk': '1.5' is not a whole number, as in 64",
                "plan --rounding-seed=x|invalid value for option '--rounding-seed': 'x' is not a whole number, as in 64",
                "imatrix --chunks=99999999999|'99999999999' is not a whole number of -2147483648 to 2147483647",
                "plan --alpha=x|invalid value for option '--alpha' (X): 'x' is not a number, as in 0.3",
                "plan --to=x|invalid value for option '--to': 'x' is not a number, as in 100",
                "plan --pure=yes|'--pure': 'yes' is neither true nor false; the option stands alone",
                "doctor no\0file|invalid value for FILE: 'no\\x00file' is not a file name",
                "inspect no\0file|invalid value for FILE: 'no\\x00file' is not a file name",
                "plan --type=Q4KM| Q2_0 COPY; did you mean Q4_K_M or ",
            })
    void wrongValuesAreNamedWithARightOne(String words, String message) {
        Ran ran = Ran.run((Object[]) words.split(" "));

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err().lines().findFirst().orElseThrow()).contains(message);
    }

    /** A sentence that is a question has its mark at the end. */
    @Test
    void moreIsSaidBehindAQuestion() {
        assertThat(Ran.run("quantize", "--modle", "m", "--checkpoint", "0=a").err())
                .contains("(did you mean --model?)")
                .doesNotContain("?;");
        assertThat(Ran.run("compare", "--checkpoint", "0=a").err()).doesNotContain("?;");
        assertThat(Ran.run("export-lora", "--checkpont", "0=a", "--checkpoint", "1=b")
                        .err())
                .doesNotContain("?;");
    }
}
