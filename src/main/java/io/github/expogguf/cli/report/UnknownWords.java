package io.github.expogguf.cli.report;

import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Similar;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Words of the command line that are no options of a command, nor a command, with what may have been meant. */
final class UnknownWords {

    /** What llama-imatrix calls the tokens of a chunk. */
    private static final Set<String> OF_A_CHUNK = Set.of("-c", "--ctx-size");

    private UnknownWords() {}

    /** Empty where all options are known. */
    static Optional<String> message(CommandSpec spec, List<String> words) {
        if (words.size() > 1 && words.getFirst().equals("help")) {
            return Optional.of("there is no command " + Escape.quote(words.get(1))
                    + Similar.hint(words.get(1), spec.root().subcommands().keySet()));
        }
        if (spec.parent() == null && !words.isEmpty() && !words.getFirst().startsWith("-")) {
            String word = words.getFirst();
            return Optional.of("there is no command " + Escape.quote(word)
                    + Similar.hint(word, spec.subcommands().keySet()));
        }
        List<String> unknown = unknown(spec, words);
        if (unknown.isEmpty()) {
            return stray(spec, words);
        }
        if (unknown.size() == 1) {
            String only = unknown.getFirst();
            return Optional.of("unknown option: " + Escape.quote(only) + hint(spec, only));
        }
        return Optional.of("unknown options: "
                + unknown.stream()
                        .map(word -> Escape.quote(word) + inBrackets(hint(spec, word)))
                        .collect(Collectors.joining(", ")));
    }

    /** Files without their options, as llama-quantize takes them. */
    private static Optional<String> stray(CommandSpec spec, List<String> words) {
        List<String> alone = walk(spec, words).alone();
        if (alone.size() > spec.positionalParameters().size()) {
            Optional<String> several = severalFiles(spec, words);
            if (several.isPresent()) {
                return several;
            }
        }
        if (alone.isEmpty() || !spec.positionalParameters().isEmpty()) {
            return Optional.empty();
        }
        if (spec.name().equals("quantize") && alone.size() > 1) {
            String type = alone.size() > 2 ? " --type " + Escape.shellWord(alone.get(2)) : "";
            return Optional.of("files are named by options: expo-gguf quantize -m " + Escape.shellWord(alone.get(0))
                    + type + " -o " + Escape.shellWord(alone.get(1)));
        }
        if (spec.name().equals("presets")) {
            return Optional.of("'presets' lists all of them and takes no name" + preset(alone.getFirst()));
        }
        boolean isJson = words.contains("--json") && spec.optionsMap().containsKey("--json-file");
        return Optional.of("the word " + Escape.quote(alone.getFirst()) + " belongs to no option"
                + (isJson ? "; --json prints to stdout, --json-file FILE writes to a file" : ""));
    }

    /** What the shell makes of a pattern, where more files have such names than were thought of. */
    static Optional<String> severalFiles(CommandSpec spec, List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            OptionSpec option = spec.optionsMap().get(words.get(i));
            List<String> files = words.subList(i + 1, words.size()).stream()
                    .takeWhile(UnknownWords::isFile)
                    .toList();
            if (option != null && option.arity().max() == 1 && files.size() > 1) {
                return Optional.of(words.get(i) + " takes one file, and there are " + files.size()
                        + " behind it, as where a pattern matches several: " + Names.quoted(files)
                        + "; name the one that is meant, of a model in shards the first");
            }
        }
        return Optional.empty();
    }

    private static boolean isFile(String word) {
        try {
            return !word.startsWith("-") && Files.exists(Path.of(word));
        } catch (InvalidPathException _) {
            return false;
        }
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
        return spec.name().equals("imatrix") && OF_A_CHUNK.contains(word)
                ? "; did you mean --chunk?"
                : Similar.hint(word, spec.optionsMap().keySet());
    }

    private static String inBrackets(String hint) {
        return hint.isEmpty() ? "" : " (" + hint.substring(2) + ")";
    }

    private static List<String> unknown(CommandSpec spec, List<String> words) {
        return walk(spec, words).unknown();
    }

    /**
     * What is neither a known option nor the value of one.
     *
     * @param unknown options
     * @param alone   other words
     */
    private record Walk(List<String> unknown, List<String> alone) {}

    private static Walk walk(CommandSpec spec, List<String> words) {
        List<String> unknown = new ArrayList<>();
        List<String> alone = new ArrayList<>();
        boolean isValue = true; // as is the name of the command
        for (String word : words) {
            if (word.equals("--")) {
                break;
            }
            if (isValue) {
                isValue = false;
                continue;
            }
            if (!word.matches("-[-a-zA-Z].*")) {
                alone.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            @Nullable OptionSpec option = spec.optionsMap().get(name);
            boolean isCluster = !word.startsWith("--") && spec.optionsMap().containsKey(word.substring(0, 2));
            if (option != null) {
                isValue = equals < 0 && option.arity().max() > 0;
            } else if (!isCluster && !unknown.contains(name)) {
                unknown.add(name);
            }
        }
        return new Walk(unknown, alone);
    }
}
