package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A search line by line, while it goes on: columns of fixed widths, headings before the first line. */
final class SearchTable {

    private static final int ALPHA_WIDTH = 6;
    private static final int ESTIMATE_WIDTH = 16;
    private static final int GUARD_WIDTH = 8;
    private static final int GRADIENT_WIDTH = "*0.25..1.75".length();

    /** What is left out first where there is no room for all; JSON, CSV and page have all. */
    private static final List<String> DISPENSABLE = List.of(
            "top1",
            "between-seeds",
            "margin",
            "margin-per-token",
            "perplexity",
            "cut-off",
            "accuracy",
            "repetition",
            "length",
            "kl",
            Measurements.DISTANCE);

    private static final Map<String, String> SHORT = Map.of(
            "between-seeds", "seeds",
            "perplexity", "ppl",
            "repetition", "repeats",
            "margin-per-token", "margin",
            "accuracy", "acc.",
            "distance", "dist.");

    private final int columns;
    private final String plusMinus;
    private final int profileWidth; // 0 where all models have one alpha for all tensors
    private @Nullable List<String> guards; // null until the first line

    /** @param unicode whether the terminal shows more than ASCII */
    SearchTable(boolean unicode) {
        this(unicode, SearchOptions.bracketing(), Terminal.DEFAULT_COLUMNS);
    }

    /**
     * A table for a terminal.
     *
     * @param options by which there is a column for profiles
     * @param columns of the terminal
     */
    SearchTable(boolean unicode, SearchOptions options, int columns) {
        this.columns = columns;
        this.plusMinus = unicode ? " \u00b1 " : " +- ";
        int profiles = options.profiles().stream()
                .mapToInt(profile -> profile.name().length())
                .max()
                .orElse(0);
        this.profileWidth = Math.max(profiles, options.gradient() ? GRADIENT_WIDTH : 0);
    }

    /** The line of an evaluation, with the headings before it if it is the first; lines are ended. */
    String line(Trial trial) {
        String headings = "";
        if (guards == null) {
            guards = shown(List.copyOf(trial.evaluation().guards().keySet()));
            headings = headings(guards);
        }
        String line = profile(trial.evaluation().profile().name())
                + right(Numbers.brief(trial.alpha()), ALPHA_WIDTH)
                + right(estimate(trial.score(), ""), ESTIMATE_WIDTH)
                + right(trial.alpha() == 0 ? "" : estimate(trial.difference(), "+"), ESTIMATE_WIDTH)
                + guards.stream()
                        .map(name -> right(number(name, guard(trial, name)), GUARD_WIDTH))
                        .collect(Collectors.joining());
        if (trial.isAllowed()) {
            return headings + ended(line);
        }
        String violated = trial.violated().stream().map(SearchTable::violation).collect(Collectors.joining(", "));
        return headings
                + (line.length() + 2 + violated.length() <= columns
                        ? ended(line + "  " + violated)
                        : ended(line) + ended(right("", ALPHA_WIDTH) + "  " + violated));
    }

    private List<String> shown(List<String> measured) {
        List<String> shown = new ArrayList<>(measured);
        for (String name : DISPENSABLE) {
            if (shown.size() > (columns - profileWidth - ALPHA_WIDTH - 2 * ESTIMATE_WIDTH) / GUARD_WIDTH) {
                shown.remove(name);
            }
        }
        return List.copyOf(shown);
    }

    private String profile(String name) {
        return profileWidth == 0 ? "" : name + " ".repeat(Math.max(0, profileWidth - name.length()));
    }

    private String headings(List<String> guards) {
        return ended(profile("profile")
                + right("alpha", ALPHA_WIDTH)
                + right("score", ESTIMATE_WIDTH)
                + right("above alpha 0", ESTIMATE_WIDTH)
                + guards.stream()
                        .map(name -> right(SHORT.getOrDefault(name, name), GUARD_WIDTH))
                        .collect(Collectors.joining()));
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

    private static String right(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text; // wider ones push the line, and stay apart
    }

    private static String ended(String line) {
        return line.stripTrailing() + System.lineSeparator();
    }
}
