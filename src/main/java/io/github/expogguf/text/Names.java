package io.github.expogguf.text;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Lists of names in messages: the first few, and how many more. */
public final class Names {

    private static final int SHOWN = 3;

    private Names() {}

    /** As in {@code a, b, c and 9 more}. */
    public static String list(List<String> names) {
        return list(names, Escape::text);
    }

    /** As in {@code 'a', 'b', 'c' and 9 more}. */
    public static String quoted(List<String> names) {
        return list(names, name -> Escape.text("'" + name + "'"));
    }

    private static String list(List<String> names, UnaryOperator<String> form) {
        String shown = names.stream().limit(SHOWN).map(form).collect(Collectors.joining(", "));
        return names.size() <= SHOWN ? shown : shown + " and " + (names.size() - SHOWN) + " more";
    }
}
