package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Whatever is wrong with the words of any command, the parser's own grammar is not the answer. */
class ParserWordsTest {

    private static final Pattern GRAMMAR = Pattern.compile(
            "\\[\\[|\\] \\[|\\bindex\\b|mutually|Missing required|missing required param|[Uu]nmatched|specify|specified"
                    + "|only one match|multiplicity|arity|<[a-z]+>");

    /** Of these every word is a file, or no word makes them fail. */
    private static final Set<String> TAKE_ANYTHING = Set.of("doctor", "help", "demo", "generate-completion");

    private static Map<String, CommandLine> commands() {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream());
        Console console = new Console(InputStream.nullInputStream(), none, none);
        return Commands.addTo(new CommandLine(new RootCommand(console, (_, _, _) -> 0)), new String[0])
                .getSubcommands();
    }

    @Test
    void noCommandAnswersWithTheGrammarOfTheParser() {
        List<List<String>> lines = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        commands().forEach((name, command) -> {
            CommandSpec spec = command.getCommandSpec();
            if (!TAKE_ANYTHING.contains(name)) {
                lines.add(List.of(name, "no-a.gguf", "no-b.gguf"));
                lines.add(List.of(name, "no-a.gguf", "no-b.gguf", "no-c.gguf", "Q4_K_M"));
                lines.add(List.of(name, "no-a.gguf", "--alpha", "1"));
                lines.add(List.of(name, "no-a.gguf", "--sft", "no-b.gguf"));
                lines.add(List.of(name, "-m", "no-a.gguf", "--sft", "no-b.gguf"));
                lines.add(List.of(name, "-m", "no-a.gguf", "--adapter", "no-b.gguf", "no-c.gguf"));
                lines.add(List.of(name, "--", "no-a.gguf", "no-b.gguf"));
            }
            lines.add(List.of(name, "--no-such-option", "no-a.gguf"));
            for (OptionSpec option : spec.options()) {
                if (seen.add(option.longestName()) && !option.usageHelp()) {
                    lines.addAll(wrong(name, option));
                }
            }
            spec.argGroups().stream().filter(ArgGroupSpec::exclusive).forEach(group -> lines.addAll(both(name, group)));
        });

        assertThat(lines.size()).isGreaterThan(400);
        List<Ran> wrong = lines.stream()
                .map(words -> Ran.run(words.toArray()))
                .filter(ran -> ran.exitCode() < 2
                        || !ran.err().startsWith("expo-gguf: error: ")
                        || GRAMMAR.matcher(message(ran)).find())
                .toList();
        assertThat(wrong).isEmpty();
    }

    /** What --verbose shows of an error comes behind it. */
    private static String message(Ran ran) {
        return ran.err().split("\nTry ")[0];
    }

    private static List<List<String>> wrong(String name, OptionSpec option) {
        String word = option.longestName();
        if (option.arity().max() == 0) {
            return List.of(List.of(name, word + "=x"), List.of(name, word, word));
        }
        List<List<String>> lines = new ArrayList<>();
        if (option.arity().min() > 0) {
            lines.add(List.of(name, word));
            lines.add(List.of(name, word, "--verbose"));
        }
        if (!option.isMultiValue()) {
            lines.add(List.of(name, word, "1", word, "1"));
        }
        return lines;
    }

    private static List<List<String>> both(String name, ArgGroupSpec group) {
        List<ArgSpec> all = Stream.concat(
                        group.args().stream(),
                        group.subgroups().stream().flatMap(inner -> inner.allOptionsNested().stream()))
                .toList();
        List<List<String>> lines = new ArrayList<>();
        for (ArgSpec one : all) {
            for (ArgSpec other : all) {
                if (!one.equals(other)
                        && (group.args().contains(one) || group.args().contains(other))) {
                    lines.add(Stream.of(Stream.of(name), words(one), words(other))
                            .flatMap(part -> part)
                            .toList());
                }
            }
        }
        return lines;
    }

    private static Stream<String> words(ArgSpec argument) {
        return switch (argument) {
            case OptionSpec flag when flag.arity().max() == 0 -> Stream.of(flag.longestName());
            case OptionSpec option -> Stream.of(option.longestName(), "1");
            default -> Stream.of("no-a.gguf");
        };
    }
}
