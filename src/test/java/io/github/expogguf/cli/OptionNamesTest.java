package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** An option has one form, in whatever command it stands. */
class OptionNamesTest {

    /** Into an output only a template that is known as text can be written, not a family that llama.cpp renders. */
    private static final Set<String> OTHER_LABELS = Set.of("--chat-template");

    @Test
    void oneNameHasOneForm() {
        PrintStream none = new PrintStream(new ByteArrayOutputStream());
        Console console = new Console(new ByteArrayInputStream(new byte[0]), none, none);
        CommandLine root = Commands.addTo(new CommandLine(new RootCommand(console, (_, _, _) -> 0)), new String[0]);
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
