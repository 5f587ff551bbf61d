package io.github.expogguf.cli.search;

import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A search line by line, while it goes on: columns of fixed widths, headings before the first line. */
final class SearchTable {

    private static final int ALPHA_WIDTH = 6;
    private static final int ESTIMATE_WIDTH = 16;
    private static final int GUARD_WIDTH = 7;

    private final String plusMinus;
    private @Nullable List<String> guards; // null until the first line

    /** @param unicode whether the terminal shows more than ASCII */
    SearchTable(boolean unicode) {
        this.plusMinus = unicode ? " \u00b1 " : " +- ";
    }

    /** The line of an evaluation, with the headings before it if it is the first; lines are ended. */
    String line(Trial trial) {
        String headings = "";
        if (guards == null) {
            guards = List.copyOf(trial.evaluation().guards().keySet());
            headings = headings(guards);
        }
        String violated = trial.violated().stream().map(SearchTable::violation).collect(Collectors.joining(", "));
        return headings
                + ended(right(Numbers.brief(trial.alpha()), ALPHA_WIDTH)
                        + right(estimate(trial.score(), ""), 2 + ESTIMATE_WIDTH)
                        + right(trial.alpha() == 0 ? "" : estimate(trial.difference(), "+"), 2 + ESTIMATE_WIDTH)
                        + guards.stream()
                                .map(name -> right(number(name, guard(trial, name)), 2 + width(name)))
                                .collect(Collectors.joining())
                        + (violated.isEmpty() ? "" : "  " + violated));
    }

    private static String headings(List<String> guards) {
        return ended(right("alpha", ALPHA_WIDTH)
                + right("score", 2 + ESTIMATE_WIDTH)
                + right("above alpha 0", 2 + ESTIMATE_WIDTH)
                + guards.stream().map(name -> right(name, 2 + width(name))).collect(Collectors.joining()));
    }

    /** As in {@code 2.670 ± 0.054}. */
    String estimate(Estimate estimate, String flags) {
        return number(estimate.mean(), flags) + plusMinus + number(estimate.error());
    }

    /** As in {@code length 1.52 > 1.3}. */
    static String violation(GuardBound bound) {
        return bound.guard()
                + switch (bound.side()) {
                    case AT_MOST -> " > " + limit(bound);
                    case AT_LEAST -> " < " + limit(bound);
                    case RISES_AT_MOST -> " up by > " + limit(bound);
                    case FALLS_WITHIN_ERRORS -> " falls";
                };
    }

    /** The limit in the guard's own unit. */
    static String limit(GuardBound bound) {
        return bound.guard().equals(Measurements.DISTANCE)
                ? Numbers.percent(bound.limit(), 1)
                : Numbers.brief(bound.limit());
    }

    /** A guard's number as people read it. */
    static String number(String guard, double value) {
        return guard.equals(Measurements.DISTANCE) && Double.isFinite(value)
                ? Numbers.percent(value, 2)
                : number(value);
    }

    /** A guard that the search measures, and so every evaluation has. */
    static double guard(Trial trial, String name) {
        return Objects.requireNonNull(trial.evaluation().guards().get(name), name);
    }

    static String number(double value) {
        return number(value, "");
    }

    private static String number(double value, String flags) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        int decimals = Math.abs(value) < 100 ? 3 : Math.abs(value) < 10_000 ? 1 : 0;
        double shown = Math.abs(value) < 0.0005 ? 0 : value; // no -0.000
        return String.format(Locale.ROOT, "%" + flags + "." + decimals + "f", shown);
    }

    private static int width(String guard) {
        return Math.max(GUARD_WIDTH, guard.length());
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static String ended(String line) {
        return line.stripTrailing() + System.lineSeparator();
    }
}
