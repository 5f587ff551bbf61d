package io.github.expogguf.infer.jinja;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts agreements by row, and writes them as a table that fits in 80 columns. */
final class Tally {

    private final Map<String, Map<Agreement, Integer>> rows = new LinkedHashMap<>();

    void add(String row, Agreement agreement) {
        rows.computeIfAbsent(row, r -> new EnumMap<>(Agreement.class)).merge(agreement, 1, Integer::sum);
    }

    int count(Agreement... agreements) {
        return rows.values().stream().mapToInt(row -> sum(row, agreements)).sum();
    }

    /** The counts in a sentence. */
    String figure() {
        int texts = count(Agreement.SAME_TEXT, Agreement.OTHER_TEXT, Agreement.ONLY_WE_REFUSE, Agreement.CRASH);
        return String.format(
                "%d of %d texts the same, %d of %d refusals shared, %d of these in its words",
                count(Agreement.SAME_TEXT),
                texts,
                count(Agreement.SAME_WORDS, Agreement.OTHER_WORDS),
                count(Agreement.values()) - texts,
                count(Agreement.SAME_WORDS));
    }

    /** A line of heads and a line per row, the sums last. */
    String table(String what) {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format("%-25s %8s %10s %9s %7s %8s%n", "", "same", "refused", "in other", "other", "refused"));
        table.append(
                String.format("%-25s %8s %10s %9s %7s %8s%n", what, "text", "in its words", "words", "text", "by one"));
        rows.forEach((row, counts) -> table.append(line(row, counts)));
        Map<Agreement, Integer> sums = new EnumMap<>(Agreement.class);
        rows.values().forEach(row -> row.forEach((agreement, n) -> sums.merge(agreement, n, Integer::sum)));
        return table.append(line("all", sums)).toString();
    }

    private static String line(String name, Map<Agreement, Integer> counts) {
        return String.format(
                "%-25s %8d %12d %7d %7d %8d%n",
                name,
                sum(counts, Agreement.SAME_TEXT),
                sum(counts, Agreement.SAME_WORDS),
                sum(counts, Agreement.OTHER_WORDS),
                sum(counts, Agreement.OTHER_TEXT, Agreement.WRONG_WORDS, Agreement.CRASH),
                sum(counts, Agreement.ONLY_WE_REFUSE, Agreement.ONLY_JINJA2_REFUSES));
    }

    private static int sum(Map<Agreement, Integer> counts, Agreement... agreements) {
        return Arrays.stream(agreements)
                .mapToInt(agreement -> counts.getOrDefault(agreement, 0))
                .sum();
    }
}
