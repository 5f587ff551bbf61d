package io.github.expogguf.cli.report;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Words of the command line that are no options of a command, nor a command, with what may have been meant. */
final class UnknownWords {

    private UnknownWords() {}

    /** Empty where all options are known. */
    static Optional<String> message(CommandSpec spec, List<String> words) {
        if (spec.parent() == null && !words.isEmpty() && !words.getFirst().startsWith("-")) {
            String word = words.getFirst();
            return Optional.of("there is no command " + Escape.quote(word)
                    + Similar.hint(word, spec.subcommands().keySet()));
        }
        List<String> unknown = unknown(spec, words);
        if (unknown.isEmpty()) {
            return Optional.empty();
        }
        if (unknown.size() == 1) {
            String only = unknown.getFirst();
            return Optional.of("unknown option: " + Escape.quote(only)
                    + Similar.hint(only, spec.optionsMap().keySet()));
        }
        return Optional.of("unknown options: "
                + unknown.stream()
                        .map(word -> Escape.quote(word)
                                + inBrackets(
                                        Similar.hint(word, spec.optionsMap().keySet())))
                        .collect(Collectors.joining(", ")));
    }

    private static String inBrackets(String hint) {
        return hint.isEmpty() ? "" : " (" + hint.substring(2) + ")";
    }

    private static List<String> unknown(CommandSpec spec, List<String> words) {
        List<String> unknown = new ArrayList<>();
        boolean isValue = true; // as is the name of the command
        for (String word : words) {
            if (word.equals("--")) {
                break;
            }
            if (isValue || !word.matches("-[-a-zA-Z].*")) {
                isValue = false;
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
        return unknown;
    }
}
