package io.github.expogguf.cli.report;

import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The words behind the name of a command, each as what the command takes it for.
 *
 * @param spec  the command
 * @param parts in their order
 */
record CommandWords(CommandSpec spec, List<Part> parts) {

    /** What words are of. */
    enum Kind {
        OPTION,
        UNKNOWN_OPTION,
        ALONE,
        FILE_OF_WORDS
    }

    /**
     * One word, or an option and its value in two.
     *
     * @param kind   of the first word
     * @param option where it is known
     * @param words  one or two
     */
    record Part(Kind kind, Optional<OptionSpec> option, List<String> words) {

        /** The option as it was typed, without its value; the word that stands alone. */
        String name() {
            String word = words.getFirst();
            int equals = word.indexOf('=');
            return kind == Kind.ALONE || equals < 0 ? word : word.substring(0, equals);
        }

        /** The value, if it is there. */
        Optional<String> value() {
            String word = words.getFirst();
            int equals = word.indexOf('=');
            if (words.size() > 1) {
                return Optional.of(words.get(1));
            }
            if (equals >= 0) {
                return Optional.of(word.substring(equals + 1));
            }
            return word.startsWith("--") || word.length() == 2 ? Optional.empty() : Optional.of(word.substring(2));
        }

        private boolean isOf(ArgSpec argument) {
            return argument instanceof OptionSpec
                    ? option.filter(argument::equals).isPresent()
                    : kind == Kind.ALONE;
        }
    }

    static CommandWords of(CommandSpec spec, List<String> words) {
        List<Part> parts = new ArrayList<>();
        int at = spec.parent() == null ? 0 : 1;
        while (at < words.size()) {
            String word = words.get(at);
            if (word.equals("--")) {
                words.subList(at + 1, words.size())
                        .forEach(each -> parts.add(new Part(Kind.ALONE, Optional.empty(), List.of(each))));
                break;
            }
            Part part = part(spec, word, at + 1 < words.size() ? Optional.of(words.get(at + 1)) : Optional.empty());
            parts.add(part);
            at += part.words.size();
        }
        return new CommandWords(spec, parts);
    }

    private static Part part(CommandSpec spec, String word, Optional<String> next) {
        if (!word.matches("(?s)-[-a-zA-Z].*")) {
            boolean isFile = word.length() > 1 && word.startsWith("@") && !word.startsWith("@@");
            return new Part(isFile ? Kind.FILE_OF_WORDS : Kind.ALONE, Optional.empty(), List.of(word));
        }
        Optional<OptionSpec> option = option(spec, word);
        boolean isWhole = option.isPresent() && spec.optionsMap().containsKey(word);
        return isWhole
                        && option.get().arity().max() > 0
                        && next.isPresent()
                        && option(spec, next.get()).isEmpty()
                ? new Part(Kind.OPTION, option, List.of(word, next.get()))
                : new Part(option.isPresent() ? Kind.OPTION : Kind.UNKNOWN_OPTION, option, List.of(word));
    }

    /** Of a word that is one, alone or with its value. */
    private static Optional<OptionSpec> option(CommandSpec spec, String word) {
        int equals = word.indexOf('=');
        OptionSpec whole = spec.optionsMap().get(equals < 0 ? word : word.substring(0, equals));
        return whole != null || word.startsWith("--") || word.length() < 2
                ? Optional.ofNullable(whole)
                : Optional.ofNullable(spec.optionsMap().get(word.substring(0, 2)));
    }

    /** Where the parts are that are of a kind. */
    List<Integer> placesOf(Kind kind) {
        return places(part -> part.kind == kind);
    }

    /** Where an option is, or what stands alone. */
    List<Integer> placesOf(ArgSpec argument) {
        return places(part -> part.isOf(argument));
    }

    private List<Integer> places(Predicate<Part> isMeant) {
        return IntStream.range(0, parts.size())
                .filter(place -> isMeant.test(parts.get(place)))
                .boxed()
                .toList();
    }

    /** The words that stand alone. */
    List<String> alone() {
        return parts.stream()
                .filter(part -> part.kind == Kind.ALONE)
                .map(Part::name)
                .toList();
    }

    /** Whether an option of any of these names is there. */
    boolean has(String... names) {
        return parts.stream()
                .flatMap(part -> part.option.stream())
                .anyMatch(option -> List.of(names).stream()
                        .anyMatch(name -> option.equals(spec.optionsMap().get(name))));
    }

    /** The command line with other words in the place of each part, to be typed. */
    String command(IntFunction<List<String>> words) {
        return IntStream.range(0, parts.size())
                .boxed()
                .flatMap(place -> words.apply(place).stream())
                .map(Escape::shellWord)
                .collect(Collectors.joining(" ", spec.qualifiedName() + " ", ""))
                .strip();
    }

    /** The same without some of the parts. */
    String commandWithout(List<Integer> places) {
        return command(place -> places.contains(place) ? List.of() : parts.get(place).words);
    }
}
