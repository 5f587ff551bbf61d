package io.github.expogguf.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names that somebody may have meant by a word that is none. */
public final class Similar {

    private static final int SHOWN = 3;

    private Similar() {}

    /** Those that are few letters away, capitals and hyphens aside, or begin with the word; the closest first. */
    public static List<String> to(String word, Collection<String> names) {
        String typed = letters(word);
        int most = Math.clamp((typed.length() + 1) / 3, 1, 3);
        return names.stream()
                .distinct()
                .filter(name -> !name.equals(word))
                .filter(name -> distance(typed, letters(name)) <= most
                        || (typed.length() > 3 && letters(name).startsWith(typed)))
                .sorted(Comparator.comparingInt(name -> distance(typed, letters(name))))
                .limit(SHOWN)
                .toList();
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
    }

    /** As in {@code ; did you mean Q4_K_M?}; empty if nothing is similar. */
    public static String hint(String word, Collection<String> names) {
        List<String> similar = to(word, names);
        return similar.isEmpty()
                ? ""
                : "; did you mean " + similar.stream().map(Escape::text).collect(Collectors.joining(" or ")) + "?";
    }

    /** Levenshtein's. */
    public static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 3) {
            return Integer.MAX_VALUE; // far enough, and texts may be long
        }
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
