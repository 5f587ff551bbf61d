package io.github.expogguf.cli;

import io.github.expogguf.cli.report.Needs;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The options of a command under headings, broken between words, those that it cannot do without marked. */
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
                "--seed",
                "--allow-requantize"),
        SEARCH(
                "--score",
                "--judge",
                "--reward-model",
                "--margin",
                "--beta",
                "--chunk",
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
                "--predict",
                "--ctx-size",
                "--batch-size",
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
            if (option.longestName().equals("--seed") && !spec.optionsMap().containsKey("--rounding")) {
                return Stream.of(ANSWERS); // elsewhere it is of the rounding
            }
            return Stream.of(values()).filter(group -> Stream.of(option.names()).anyMatch(group.names::contains));
        }
    }

    private static final int INDENT = 29;

    private GroupedHelp() {}

    /** Makes all commands show their options so, as wide as the terminal. */
    static void install(CommandLine command, int width) {
        command.setUsageHelpWidth(Math.max(55, width));
        install(command);
    }

    private static void install(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::options);
        command.getHelpSectionMap()
                .put(
                        UsageMessageSpec.SECTION_KEY_DESCRIPTION,
                        help -> lines(help, help.commandSpec().usageMessage().description()));
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, GroupedHelp::footer);
        command.getSubcommands().values().forEach(GroupedHelp::install);
    }

    static String footer(Help help) {
        return lines(help, help.commandSpec().usageMessage().footer());
    }

    /** Examples, which begin with blanks, as they are. */
    private static String lines(Help help, String... paragraphs) {
        return Stream.of(paragraphs)
                .map(text -> text.replace("%%", "%").replace("%n", ""))
                .flatMap(text -> text.startsWith(" ")
                        ? Stream.of(text)
                        : Columns.wrap(text, help.commandSpec().usageMessage().width()).stream())
                .map(line -> line + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private static String options(Help help) {
        CommandSpec spec = help.commandSpec();
        List<OptionSpec> shown =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        boolean isShort = shown.size() < 8;
        StringBuilder text = new StringBuilder();
        List<OptionSpec> rest = new ArrayList<>(shown);
        for (Group group : Group.values()) {
            List<OptionSpec> members = rest.stream()
                    .filter(option -> Group.of(spec, option)
                            .findFirst()
                            .filter(group::equals)
                            .isPresent())
                    .sorted(Comparator.comparingInt(OptionSpec::order))
                    .toList();
            if (!members.isEmpty()) {
                text.append(isShort ? "" : System.lineSeparator() + heading(group) + System.lineSeparator());
                members.forEach(option -> text.append(option(help, spec, option)));
                rest.removeAll(members);
            }
        }
        rest.forEach(option -> text.append(option(help, spec, option)));
        return text.toString().replaceFirst("^\\R", "");
    }

    private static String heading(Group group) {
        String name = Words.hyphened(group);
        return Character.toUpperCase(name.charAt(0)) + name.substring(1) + ":";
    }

    private static String option(Help help, CommandSpec spec, OptionSpec option) {
        List<String> names = Stream.of(option.names())
                .sorted(Comparator.comparingInt(String::length))
                .toList();
        boolean hasShort = names.getFirst().length() == 2;
        String label = help.parameterLabelRenderer()
                .renderParameterLabel(option, Help.Ansi.OFF, List.of())
                .toString();
        String start = (hasShort ? "  " : "      ") + String.join(", ", names) + label;
        String description = (Needs.isNeeded(spec, option) ? "Required. " : "") + description(option);
        int width = spec.usageMessage().width() - INDENT;
        List<String> lines = Columns.wrap(description, width);
        StringBuilder text = new StringBuilder();
        boolean fits = start.length() < INDENT;
        text.append(start);
        for (int i = 0; i < lines.size(); i++) {
            boolean isBeside = i == 0 && fits;
            text.append(isBeside ? "" : System.lineSeparator())
                    .append(" ".repeat(INDENT - (isBeside ? start.length() : 0)))
                    .append(lines.get(i));
        }
        return text.append(System.lineSeparator()).toString();
    }

    private static String description(OptionSpec option) {
        String text = String.join(" ", option.description());
        String defaultValue = option.defaultValue();
        return text.replace("${DEFAULT-VALUE}", defaultValue == null ? "none" : defaultValue)
                .replace("%%", "%");
    }
}
