package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** An option has one form and one meaning, in whatever command it stands. */
class OptionNamesTest {

    /** Into an output only a template that is known as text can be written, not a family that llama.cpp renders. */
    private static final Set<String> OTHER_LABELS = Set.of("--chat-template");

    /** What the help of some commands says in other words, which mean the same; looked at one by one. */
    private static final Set<String> OTHER_WORDS = Set.of(
            "--adapter",
            "--aligned",
            "--allow-requantize", // accepts the losses of quantizing twice
            "--chat-template",
            "--checkpoint",
            "--chunk", // of a text
            "--csv",
            "--delta",
            "--force", // replaces what is there
            "--help",
            "--html",
            "--imatrix",
            "--json-file",
            "--judge",
            "--log",
            "--max-alpha",
            "--max-distance",
            "--model",
            "--output",
            "--preferences",
            "--prompts",
            "--rank", // of what is kept of the delta
            "--reward-model",
            "--seed", // of what chance decides
            "--sft",
            "--text",
            "--type");

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
                .values()
                .forEach(line -> line.getCommandSpec()
                        .options()
                        .forEach(option -> texts.computeIfAbsent(option.longestName(), _ -> new HashSet<>())
                                .add(String.join(" ", option.description()))));
        texts.values().removeIf(each -> each.size() == 1);

        assertThat(texts.keySet()).isEqualTo(OTHER_WORDS);
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
