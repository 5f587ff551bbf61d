package io.github.expogguf.cli.report;

import io.github.expogguf.cli.report.CommandWords.Kind;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Similar;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Words of the command line that a command does not take, or not together, with what may have been meant. */
final class UnknownWords {

    /** What llama-imatrix calls the tokens of a chunk. */
    private static final Set<String> OF_A_CHUNK = Set.of("-c", "--ctx-size");

    /** What llama-imatrix and llama-perplexity call the text. */
    private static final Set<String> OF_A_TEXT = Set.of("-f", "--file");

    private UnknownWords() {}

    /** Empty where all words are known, and go together. */
    static Optional<String> message(CommandSpec spec, List<String> words) {
        boolean isHelp = words.size() > 1 && words.getFirst().equals("help");
        if (isHelp && !spec.root().subcommands().containsKey(words.get(1))) {
            return Optional.of("there is no command " + Escape.quote(words.get(1))
                    + Similar.hint(words.get(1), spec.root().subcommands().keySet()));
        }
        if (spec.parent() == null && !words.isEmpty() && !words.getFirst().startsWith("-")) {
            String word = words.getFirst();
            return Optional.of("there is no command " + Escape.quote(word)
                    + Similar.hint(word, spec.subcommands().keySet()));
        }
        CommandWords parts = CommandWords.of(spec, words);
        return options(parts)
                .or(() -> ExcludingWords.ofOne(parts))
                .or(() -> severalFiles(spec, words))
                .or(() -> isPairAlone(parts) ? stray(parts, words) : Optional.empty())
                .or(() -> ExcludingWords.ofSeveral(parts))
                .or(() -> stray(parts, words));
    }

    /** Whether there are two models without an option before them, and none behind one. */
    private static boolean isPairAlone(CommandWords words) {
        return words.alone().size() > 1 && !words.has("-m", "--sft", "--aligned", "--adapter", "--checkpoint");
    }

    /** Options that the command does not have. */
    private static Optional<String> options(CommandWords words) {
        List<String> unknown = words.placesOf(Kind.UNKNOWN_OPTION).stream()
                .map(place -> words.parts().get(place).name())
                .distinct()
                .toList();
        return switch (unknown.size()) {
            case 0 -> Optional.empty();
            case 1 ->
                Optional.of(
                        "unknown option: " + Escape.quote(unknown.getFirst()) + hint(words.spec(), unknown.getFirst()));
            default ->
                Optional.of("unknown options: "
                        + unknown.stream()
                                .map(word -> Escape.quote(word) + inBrackets(hint(words.spec(), word)))
                                .collect(Collectors.joining(", ")));
        };
    }

    private static Optional<String> stray(CommandWords parts, List<String> words) {
        List<String> alone = parts.alone();
        if (alone.isEmpty()) {
            return Optional.empty();
        }
        if (parts.spec().name().equals("presets")) {
            return Optional.of("'presets' lists all of them and takes no name" + preset(alone.getFirst()));
        }
        boolean isJson = words.contains("--json") && parts.spec().optionsMap().containsKey("--json-file");
        return isJson
                ? Optional.of("the word " + Escape.quote(alone.getFirst()) + " belongs to no option; --json prints to"
                        + " stdout, --json-file FILE writes to a file")
                : StrayWords.message(parts);
    }

    /** What the shell makes of a pattern, where more files have such names than were thought of. */
    private static Optional<String> severalFiles(CommandSpec spec, List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            OptionSpec option = spec.optionsMap().get(words.get(i));
            List<String> files = words.subList(i + 1, words.size()).stream()
                    .takeWhile(StrayWords::isFile)
                    .toList();
            if (option != null && option.arity().max() == 1 && files.size() > 1) {
                return Optional.of(words.get(i) + " takes one file, and there are " + files.size()
                        + " behind it, as where a pattern matches several: " + Names.quoted(files)
                        + "; name the one that is meant, of a model in shards the first");
            }
        }
        return Optional.empty();
    }

    private static String preset(String word) {
        try {
            return "; 'expo-gguf extrapolate --preset " + PublishedPair.parse(word) + "' uses this one";
        } catch (IllegalArgumentException _) {
            return Similar.hint(
                    word,
                    Arrays.stream(PublishedPair.values())
                            .map(PublishedPair::toString)
                            .toList());
        }
    }

    private static String hint(CommandSpec spec, String word) {
        if (spec.name().equals("imatrix") && OF_A_CHUNK.contains(word)) {
            return "; did you mean --chunk?";
        }
        return OF_A_TEXT.contains(word) && spec.optionsMap().containsKey("--text")
                ? "; did you mean --text?"
                : Similar.hint(word, spec.optionsMap().keySet());
    }

    private static String inBrackets(String hint) {
        return hint.isEmpty() ? "" : " (" + hint.substring(2) + ")";
    }
}
