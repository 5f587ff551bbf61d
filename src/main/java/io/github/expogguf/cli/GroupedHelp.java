package io.github.expogguf.cli;

import io.github.expogguf.cli.report.Needs;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Operands and options of a command under headings, broken between words, those that are required marked. */
final class GroupedHelp {

    /** Headings, in their order, and the options below them. */
    enum Group {
        INPUTS(
                "--sft",
                "--aligned",
                "--adapter",
                "--like",
                "--model",
                "--delta",
                "--checkpoint",
                "--to",
                "--recipe",
                "--accept-difference",
                "--logits",
                "--guide",
                "--preferences",
                "--prompts",
                "--text",
                "--messages",
                "--chat-template",
                "--chat-template-kwargs",
                "--no-generation-prompt",
                "--system-prompt",
                "--against-sft",
                "--against-aligned"),
        ALPHA("--alpha", "--compare", "--distance", "--steps", "--preset", "--rule", "--profile", "--rank"),
        OUTPUT(
                "--output",
                "--split-max-size",
                "--keep-split",
                "--card",
                "--modelfile",
                "--force",
                "--dry-run",
                "--resume",
                "--discard-partial",
                "--reuse",
                "--write",
                "--write-type",
                "--log",
                "--csv",
                "--html",
                "--json",
                "--json-file",
                "--format",
                "--generator",
                "--tensors",
                "--no-tensors",
                "--no-metadata",
                "--full",
                "--tokens"),
        TYPES(
                "--type",
                "--imatrix",
                "--imatrix-text",
                "--save-imatrix",
                "--tensor-type",
                "--tensor-type-file",
                "--target-size",
                "--target-bpw",
                "--target-types",
                "--target-text",
                "--target-prompts",
                "--save-tensor-types",
                "--output-tensor-type",
                "--token-embedding-type",
                "--pure",
                "--leave-output-tensor",
                "--override-kv",
                "--drop-mtp",
                "--rounding",
                "--rounding-seed",
                "--allow-requantize"),
        SEARCH(
                "--score",
                "--judge",
                "--reward-model",
                "--margin",
                "--beta",
                "--alphas",
                "--start",
                "--max-alpha",
                "--max-evaluations",
                "--try-profile",
                "--try-gradient",
                "--negative",
                "--holdout",
                "--max-length-ratio",
                "--max-kl",
                "--max-distance",
                "--max-accuracy-fall",
                "--min-top1",
                "--max-repetition",
                "--max-cut-off",
                "--max-perplexity"),
        ANSWERS(
                "--samples",
                "--temp",
                "--top-k",
                "--top-p",
                "--min-p",
                "--repeat-penalty",
                "--repeat-last-n",
                "--frequency-penalty",
                "--presence-penalty",
                "--seed",
                "--predict",
                "--ctx-size",
                "--batch-size",
                "--chunk",
                "--chunks",
                "--process-output",
                "--parse-special",
                "--grammar",
                "--grammar-file"),
        RUNNING(
                "--threads",
                "--parallel",
                "--gpu-layers",
                "--device",
                "--lib-path",
                "--port",
                "--no-open",
                "--quiet",
                "--verbose",
                "--version",
                "--help");

        private final Set<String> names;

        Group(String... names) {
            this.names = Set.of(names);
        }

        /** Empty of options that no group has. */
        static Stream<Group> of(CommandSpec spec, OptionSpec option) {
            if (option.longestName().equals("--max-distance")
                    && !spec.optionsMap().containsKey("--max-kl")) {
                return Stream.of(ALPHA); // elsewhere it is one of the bounds of a search
            }
            return Stream.of(values()).filter(group -> Stream.of(option.names()).anyMatch(group.names::contains));
        }
    }

    private static final int INDENT = 29;

    /** Narrower, and there is no room for descriptions. */
    private static final int MIN_WIDTH = 55;

    private GroupedHelp() {}

    /** Makes all commands show their operands and options so, as wide as the terminal. */
    static void install(CommandLine command, int width) {
        command.setUsageHelpWidth(Math.max(MIN_WIDTH, width));
        install(command);
    }

    private static void install(CommandLine command) {
        Map<String, CommandLine.IHelpSectionRenderer> sections = command.getHelpSectionMap();
        sections.put(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST, _ -> ""); // they are inputs
        sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING, _ -> "");
        sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::arguments);
        sections.put(
                UsageMessageSpec.SECTION_KEY_DESCRIPTION,
                help -> lines(help, help.commandSpec().usageMessage().description()));
        sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, GroupedHelp::footer);
        command.getSubcommands().values().forEach(GroupedHelp::install);
    }

    static String footer(Help help) {
        return lines(help, help.commandSpec().usageMessage().footer());
    }

    /** Paragraphs between words, and examples, which begin with blanks, as the shell reads them. */
    private static String lines(Help help, String... paragraphs) {
        int width = help.commandSpec().usageMessage().width();
        List<String> lines = new ArrayList<>();
        for (String each : paragraphs) {
            String text = each.replace("%%", "%").replace("%n", "");
            lines.addAll(text.startsWith(" ") ? List.of(text) : Columns.ofWords(text, width));
        }
        return ExampleLines.fitted(lines, width).stream()
                .map(line -> line + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private static String arguments(Help help) {
        CommandSpec spec = help.commandSpec();
        Map<Group, StringBuilder> groups = new EnumMap<>(Group.class);
        for (PositionalParamSpec operand : spec.positionalParameters()) {
            groups.computeIfAbsent(Group.INPUTS, _ -> new StringBuilder()).append(argument(help, operand, "      "));
        }
        spec.options().stream()
                .filter(option -> !option.hidden())
                .sorted(Comparator.comparingInt(OptionSpec::order))
                .forEach(option -> groups.computeIfAbsent(
                                Group.of(spec, option).findFirst().orElse(Group.RUNNING), _ -> new StringBuilder())
                        .append(argument(help, option, names(option))));
        return groups.size() == 1
                ? groups.values().iterator().next().toString()
                : groups.entrySet().stream()
                        .map(group -> heading(group.getKey()) + System.lineSeparator() + group.getValue())
                        .collect(Collectors.joining(System.lineSeparator()));
    }

    private static String heading(Group group) {
        String name = Words.hyphened(group);
        return Character.toUpperCase(name.charAt(0)) + name.substring(1) + ":";
    }

    private static String names(OptionSpec option) {
        List<String> names = Stream.of(option.names())
                .sorted(Comparator.comparingInt(String::length))
                .toList();
        return (names.getFirst().length() == 2 ? "  " : "      ") + String.join(", ", names);
    }

    private static String argument(Help help, ArgSpec argument, String names) {
        CommandSpec spec = help.commandSpec();
        String label = help.parameterLabelRenderer()
                .renderParameterLabel(argument, Help.Ansi.OFF, List.of())
                .toString();
        String start = names + label;
        List<String> lines = Columns.ofWords(
                Needs.mark(spec, argument) + description(argument),
                spec.usageMessage().width() - INDENT);
        StringBuilder text = new StringBuilder(start);
        boolean fits = start.length() < INDENT;
        for (int i = 0; i < lines.size(); i++) {
            boolean isBeside = i == 0 && fits;
            text.append(isBeside ? "" : System.lineSeparator())
                    .append(" ".repeat(INDENT - (isBeside ? start.length() : 0)))
                    .append(lines.get(i));
        }
        return text.append(System.lineSeparator()).toString();
    }

    private static String description(ArgSpec argument) {
        String text = String.join(" ", argument.description());
        String defaultValue = argument.defaultValue();
        return text.replace("${DEFAULT-VALUE}", defaultValue == null ? "none" : defaultValue)
                .replace("%%", "%");
    }
}
