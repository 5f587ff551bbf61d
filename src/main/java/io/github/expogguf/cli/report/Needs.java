package io.github.expogguf.cli.report;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What a command cannot do without, to be named at once and marked in its help. */
public final class Needs {

    /**
     * An option.
     *
     * @param commands that need it
     * @param name     of it
     * @param unless   options that stand for it
     */
    private record Need(Set<String> commands, String name, Set<String> unless) {}

    private static final List<Need> ALL = List.of(
            new Need(Set.of("quantize", "prompt"), "--model", Set.of()),
            new Need(Set.of("extrapolate"), "--sft", Set.of("--checkpoint", "--to")),
            new Need(Set.of("search", "listen"), "--sft", Set.of("--guide", "--model")),
            new Need(Set.of("compare", "export-lora"), "--sft", Set.of()),
            new Need(Set.of("extrapolate"), "--aligned", Set.of("--adapter", "--checkpoint", "--to")),
            new Need(Set.of("search", "listen"), "--aligned", Set.of("--adapter", "--guide", "--model")),
            new Need(Set.of("compare"), "--aligned", Set.of("--adapter")),
            new Need(Set.of("export-lora"), "--aligned", Set.of()),
            new Need(Set.of("generate"), "--prompts", Set.of()),
            new Need(Set.of("generate"), "--output", Set.of()),
            new Need(Set.of("imatrix"), "--text", Set.of()),
            new Need(Set.of("imatrix"), "--output", Set.of()),
            new Need(Set.of("extrapolate", "quantize"), "--output", Set.of("--dry-run")));

    private Needs() {}

    /** Options that were not given, as in {@code '--sft=FILE'}. */
    public static List<String> missing(CommandSpec spec, ParseResult words) {
        return of(spec).filter(need -> !words.hasMatchedOption(need.name)
                        && need.unless.stream().noneMatch(words::hasMatchedOption))
                .map(need -> label(spec, need))
                .toList();
    }

    /** Same, where the words could not be parsed. */
    static List<String> missing(CommandSpec spec, List<String> words) {
        return of(spec).filter(need -> !isGiven(spec, need.name, words)
                        && need.unless.stream().noneMatch(name -> isGiven(spec, name, words)))
                .map(need -> label(spec, need))
                .toList();
    }

    /** Whether a command cannot do without an option, or one that stands for it. */
    public static boolean isNeeded(CommandSpec spec, OptionSpec option) {
        return (option.required() && option.group() == null) // in a group another may stand for it
                || of(spec).anyMatch(need -> need.name.equals(option.longestName()));
    }

    private static Stream<Need> of(CommandSpec spec) {
        return ALL.stream()
                .filter(need ->
                        need.commands.contains(spec.name()) && spec.optionsMap().containsKey(need.name));
    }

    private static boolean isGiven(CommandSpec spec, String name, List<String> words) {
        OptionSpec option = spec.optionsMap().get(name);
        return option != null
                && Stream.of(option.names())
                        .anyMatch(
                                any -> words.stream().anyMatch(word -> word.equals(any) || word.startsWith(any + "=")));
    }

    private static String label(CommandSpec spec, Need need) {
        return "'" + need.name + "="
                + Objects.requireNonNull(spec.optionsMap().get(need.name)).paramLabel() + "'"
                + (need.unless.contains("--adapter") ? " (or --adapter)" : "");
    }

    /** As in {@code missing required options: '--sft=FILE', '--aligned=FILE'}. */
    public static String message(List<String> missing) {
        return "missing required option" + (missing.size() == 1 ? ": " : "s: ") + String.join(", ", missing);
    }
}
