package io.github.expogguf.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names that somebody may have meant by a word that is none. */
public final class Similar {

    private static final int SHOWN = 3;
    private static final int MAX_LENGTH = 256;
    private static final int LEAST_OF_A_PART = 3;

    private Similar() {}

    /** Those that are few letters away, capitals and hyphens aside, or begin or sound so; the closest first. */
    public static List<String> to(String word, Collection<String> names) {
        String typed = letters(word);
        int most = Math.clamp((typed.length() + 1) / 3, 1, 3);
        List<String> close = closest(
                word,
                names,
                name -> Math.min(distance(typed, letters(name)), beginning(typed, letters(name)) == 0 ? 0 : most + 1),
                most);
        if (close.isEmpty()) {
            close = closest(word, names, name -> beginning(typed, letters(name)), most - 1);
        }
        if (close.isEmpty()) {
            close = closest(word, names, name -> distance(sound(typed), sound(letters(name))), 0);
        }
        return close.isEmpty() && typed.length() >= LEAST_OF_A_PART
                ? closest(word, names, name -> ofPart(typed, name), most - 1)
                : close;
    }

    /** Alfa sounds as alpha. */
    private static String sound(String letters) {
        return letters.replace("ph", "f");
    }

    /** How far a word is from one of those that hyphens join to a name. */
    private static int ofPart(String typed, String name) {
        return Stream.of(name.toLowerCase(Locale.ROOT).split("-"))
                .filter(part -> part.length() >= LEAST_OF_A_PART)
                .mapToInt(part -> distance(typed, part))
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    private static List<String> closest(
            String word, Collection<String> names, ToIntFunction<String> distance, int most) {
        return names.stream()
                .distinct()
                .filter(name -> !name.equals(word) && distance.applyAsInt(name) <= most)
                .sorted(Comparator.comparingInt(distance)
                        .thenComparingInt(name -> distance(letters(word), letters(name))))
                .limit(SHOWN)
                .toList();
    }

    /** How far a word of some length is from the beginning of a longer name. */
    private static int beginning(String typed, String name) {
        return typed.length() >= LEAST_OF_A_PART && typed.length() < name.length()
                ? distance(typed, name.substring(0, typed.length()))
                : Integer.MAX_VALUE;
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

    /** Levenshtein's, where two letters that changed places count once. */
    public static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 3 || one.length() > MAX_LENGTH) {
            return Integer.MAX_VALUE; // far enough, and texts may be long
        }
        int[][] rows = new int[one.length() + 1][other.length() + 1];
        Arrays.setAll(rows[0], j -> j);
        for (int i = 1; i <= one.length(); i++) {
            rows[i][0] = i;
            for (int j = 1; j <= other.length(); j++) {
                boolean isSame = one.charAt(i - 1) == other.charAt(j - 1);
                boolean isSwapped = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                int least =
                        Math.min(rows[i - 1][j - 1] + (isSame ? 0 : 1), 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
                rows[i][j] = isSwapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
            }
        }
        return rows[one.length()][other.length()];
    }
}
