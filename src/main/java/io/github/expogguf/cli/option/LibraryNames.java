package io.github.expogguf.cli.option;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the library calls a setting, as the option of a command: {@code maxAlpha is 0} concerns {@code --max-alpha}. */
final class LibraryNames {

    private static final Pattern NAME = Pattern.compile("^[a-z]+(?:[A-Z][a-z]*)*(?= is )|\\b[a-z]+(?:[A-Z][a-z]*)+\\b");

    /** Where the words are others. */
    private static final Map<String, String> OTHERS = Map.of("temperature", "--temp");

    private LibraryNames() {}

    /** @param options names of the command's options; a setting without one keeps its name */
    static String asOptions(String message, Set<String> options) {
        return NAME.matcher(message).replaceAll(name -> option(name, options));
    }

    private static String option(MatchResult name, Set<String> options) {
        String option = OTHERS.getOrDefault(
                name.group(), "--" + name.group().replaceAll("[A-Z]", "-$0").toLowerCase(Locale.ROOT));
        return options.contains(option) ? option : name.group();
    }
}
