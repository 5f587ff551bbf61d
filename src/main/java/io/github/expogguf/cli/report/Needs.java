package io.github.expogguf.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What a command cannot do without, to be named at once and marked in its help. */
public final class Needs {

    /**
     * An option, or the operand of a command.
     *
     * @param commands that need it
     * @param name     of it
     * @param instead  options that stand for it
     * @param unless   further options that need another in its place
     * @param when     options that need it; none where the command always does
     */
    private record Need(Set<String> commands, String name, List<String> instead, Set<String> unless, Set<String> when) {

        private Need(Set<String> commands, String name, String... instead) {
            this(commands, name, List.of(instead), Set.of(), Set.of());
        }

        private Need unless(String... others) {
            return new Need(commands, name, instead, Set.of(others), when);
        }

        private Need when(String... others) {
            return new Need(commands, name, instead, unless, Set.of(others));
        }

        private boolean isMet(Predicate<String> given) {
            return given.test(name)
                    || !(when.isEmpty() || when.stream().anyMatch(given))
                    || instead.stream().anyMatch(given)
                    || unless.stream().anyMatch(given);
        }
    }

    private static final Set<String> PAIR_OR_MODEL = Set.of("plan", "imatrix", "eval", "generate", "chat");

    private static final List<Need> ALL = List.of(
            new Need(Set.of("quantize", "prompt"), "--model"),
            new Need(Set.of("prompt"), "TEXT", "--messages"),
            new Need(PAIR_OR_MODEL, "--sft").when("--aligned", "--adapter").unless("--model", "--guide", "--to"),
            new Need(PAIR_OR_MODEL, "--aligned", "--adapter")
                    .when("--sft")
                    .unless("--model", "--checkpoint", "--guide", "--to"),
            new Need(Set.of("extrapolate"), "--sft", "--checkpoint").unless("--to"),
            new Need(Set.of("search", "listen"), "--sft", "--guide").unless("--model"),
            new Need(Set.of("compare", "export-lora"), "--sft"),
            new Need(Set.of("extrapolate"), "--aligned", "--adapter", "--checkpoint").unless("--to"),
            new Need(Set.of("search", "listen"), "--aligned", "--adapter", "--guide").unless("--model"),
            new Need(Set.of("compare"), "--aligned", "--adapter"),
            new Need(Set.of("export-lora"), "--aligned"),
            new Need(Set.of("search"), "--prompts", "--preferences").unless("--judge", "--reward-model", "--score"),
            new Need(Set.of("eval"), "--text", "--preferences", "--prompts").unless("--judge", "--reward-model"),
            new Need(Set.of("search", "eval"), "--prompts").when("--judge", "--reward-model"),
            new Need(Set.of("generate"), "--prompts"),
            new Need(Set.of("generate"), "--output"),
            new Need(Set.of("imatrix"), "--text"),
            new Need(Set.of("imatrix"), "--output"),
            new Need(Set.of("extrapolate", "quantize"), "--output", "--dry-run"));

    private static final String PAIR = "--sft and --aligned";

    private static final Set<String> WITHOUT_OPERAND = Set.of("plan", "imatrix", "eval", "generate");

    private static final Set<String> WITH_OPERAND = Set.of("chat");

    /** What begins a pair or a model. */
    private static final List<String> MODELS =
            List.of("--model", "--sft", "--aligned", "--adapter", "--checkpoint", "--to", "--guide");

    /** The pair, where neither it nor what stands for it is there. */
    private static final List<Need> PAIR_OR_OTHERS = List.of(
            new Need(WITHOUT_OPERAND, "--sft", "--checkpoint", "--model"),
            new Need(WITHOUT_OPERAND, "--aligned", "--adapter", "--checkpoint", "--model"),
            new Need(WITH_OPERAND, "--sft", "--checkpoint", "MODEL", "--model"),
            new Need(WITH_OPERAND, "--aligned", "--adapter", "--checkpoint", "MODEL", "--model"));

    /** One of several is needed, which the commands find out themselves. */
    private static final List<Need> EITHER = List.of(
            new Need(PAIR_OR_MODEL, "--model", PAIR, "--checkpoint"),
            new Need(WITH_OPERAND, "MODEL", PAIR, "--checkpoint"),
            new Need(Set.of("search"), "--preferences", "--prompts"),
            new Need(Set.of("eval"), "--preferences", "--prompts", "--text"),
            new Need(Set.of("eval"), "--prompts", "--preferences", "--text"),
            new Need(Set.of("prompt"), "--messages", "TEXT"));

    /** What stands for a whole pair, and is no way out where a part of one is there. */
    private static final Set<String> WHOLE = Set.of("--model", "--checkpoint", "--guide");

    private static final List<String> PARTS = List.of("--sft", "--aligned", "--adapter");

    private Needs() {}

    /** Options that were not given, as in {@code '--sft=FILE'}. */
    public static List<String> missing(CommandSpec spec, ParseResult words) {
        return missing(
                spec,
                name -> name.startsWith("-")
                        ? words.hasMatchedOption(name)
                        : !words.matchedPositionals().isEmpty());
    }

    /** Same, where the words could not be parsed. */
    static List<String> missing(CommandSpec spec, List<String> words) {
        return missing(spec, name -> isGiven(spec, name, words));
    }

    private static List<String> missing(CommandSpec spec, Predicate<String> given) {
        List<String> missing = new ArrayList<>();
        if (PAIR_OR_MODEL.contains(spec.name())
                && spec.positionalParameters().isEmpty()
                && MODELS.stream().noneMatch(given)) {
            missing.addAll(pairOrOthers(spec));
        }
        of(spec, ALL).filter(need -> !need.isMet(given)).forEach(need -> missing.add(label(spec, need, given)));
        return missing;
    }

    /** What the help says of an option or operand that a command cannot do without; empty for others. */
    public static String mark(CommandSpec spec, ArgSpec argument) {
        String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        Optional<Need> need = Stream.of(ALL, PAIR_OR_OTHERS, EITHER)
                .flatMap(needs -> of(spec, needs))
                .filter(one -> one.name.equals(name) && one.when.isEmpty())
                .findFirst();
        if (need.isPresent()) {
            return "Required" + or(", or ", need.get().instead, "") + ". ";
        }
        return argument.required() && argument.group() == null ? "Required. " : "";
    }

    private static Stream<Need> of(CommandSpec spec, List<Need> needs) {
        return needs.stream()
                .filter(need -> need.commands.contains(spec.name())
                        && (spec.optionsMap().containsKey(need.name) || !need.name.startsWith("-")));
    }

    private static boolean isGiven(CommandSpec spec, String name, List<String> words) {
        OptionSpec option = spec.optionsMap().get(name);
        return option != null
                && Stream.of(option.names())
                        .anyMatch(
                                any -> words.stream().anyMatch(word -> word.equals(any) || word.startsWith(any + "=")));
    }

    private static String label(CommandSpec spec, Need need, Predicate<String> given) {
        OptionSpec option = spec.optionsMap().get(need.name);
        boolean hasPart = PARTS.stream().anyMatch(given);
        List<String> instead = need.instead.stream()
                .filter(other -> !(hasPart && WHOLE.contains(other)))
                .toList();
        return "'" + need.name + (option == null ? "" : "=" + option.paramLabel()) + "'" + or(" (or ", instead, ")");
    }

    /** What is missing where nothing of the group is there. */
    static List<String> pairOrOthers(CommandSpec spec) {
        return of(spec, PAIR_OR_OTHERS)
                .map(need -> label(spec, need, _ -> false))
                .toList();
    }

    private static String or(String before, List<String> instead, String after) {
        return instead.isEmpty() ? "" : before + String.join(" or ", instead) + after;
    }

    /** As in {@code missing required options: '--sft=FILE', '--aligned=FILE'}. */
    public static String message(List<String> missing) {
        return "missing required option" + (missing.size() == 1 ? ": " : "s: ") + String.join(", ", missing);
    }
}
