package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.cli.terminal.Page;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A search as one HTML page that needs nothing else: no network, no script. */
final class SearchPage {

    private static final int SCORE_WIDTH = 860;
    private static final int SCORE_HEIGHT = 320;
    private static final int SMALL_WIDTH = 420;
    private static final int SMALL_HEIGHT = 180;
    private static final int NARROW_HEIGHT = 260; // of the scores, on a telephone
    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("kl", "nats per token"),
            Map.entry("top1", "share of positions"),
            Map.entry("length", "aligned model = 1"),
            Map.entry("repetition", "share of word runs"),
            Map.entry("cut-off", "share of answers"),
            Map.entry("accuracy", "share of pairs"),
            Map.entry("margin", "nats"),
            Map.entry("margin-per-token", "nats per token"),
            Map.entry(Measurements.DISTANCE, "share of the SFT norm"));

    private final SearchReport report;
    private final SearchTable numbers = new SearchTable(true);

    private SearchPage(SearchReport report) {
        this.report = report;
    }

    static String of(SearchReport report) {
        return new SearchPage(report).page();
    }

    private String page() {
        SearchAnswers answers = new SearchAnswers(report);
        return Page.of(
                "Search of alpha",
                Page.resource(SearchPage.class, "search.css") + answers.style(),
                models() + summary() + curves() + profiles() + table() + inputs() + answers.section());
    }

    private String models() {
        List<String> words = new ArrayList<>();
        named("model").ifPresent(file -> words.add("model <b>" + Html.escape(file) + "</b>"));
        named("aligned").ifPresent(file -> words.add("aligned <b>" + Html.escape(file) + "</b>"));
        named("sft").ifPresent(file -> words.add("SFT <b>" + Html.escape(file) + "</b>"));
        named("weights").ifPresent(rules -> words.add("weights <b>" + Html.escape(rules) + "</b>"));
        named("logits").ifPresent(formula -> words.add("logits <b>" + Html.escape(formula) + "</b>"));
        return "<p class=\"models\">" + String.join(" \u00b7 ", words) + "</p>\n";
    }

    /** An input without the digest behind it. */
    private Optional<String> named(String input) {
        return Optional.ofNullable(report.inputs().get(input))
                .map(value -> value.replaceFirst(" \\((sha256|fingerprint) \\p{XDigit}+\\)$", ""));
    }

    private String summary() {
        String best = report.best()
                .map(trial -> String.format(
                        Locale.ROOT,
                        "<b>%s</b>: %s %s%s",
                        Html.escape(SearchReport.name(trial)),
                        report.score(),
                        numbers.estimate(trial.reportedScore(), ""),
                        trial.alpha() == 0
                                ? ", the aligned model itself"
                                : ", " + numbers.estimate(trial.reportedDifference(), "+")
                                        + " above the aligned model (alpha 0)"))
                .orElse("<b>no alpha</b>");
        return String.format(
                Locale.ROOT,
                "<p class=\"lead\">Best: %s.</p>\n<p>Chosen: %s. Ended because %s. %s</p>\n",
                best,
                Html.escape(report.choice()),
                Html.escape(report.end()),
                Html.escape(basis()));
    }

    private String basis() {
        String prompts = Units.count(report.prompts(), "prompt");
        return report.options().holdout()
                ? "Of " + prompts + " the first, third, ... chose; scores are reported on the others."
                : "Scores are means over " + prompts + " \u00b1 one standard error.";
    }

    private String curves() {
        List<CurveChart> charts = new ArrayList<>();
        charts.add(small(
                report.score() + " above alpha 0, by prompt",
                "difference",
                points("above alpha 0", Trial::reportedDifference),
                OptionalDouble.empty()));
        for (String guard : report.guards()) {
            Function<Trial, Estimate> value = trial -> new Estimate(SearchTable.guard(trial, guard), 0);
            charts.add(small(guard, LABELS.getOrDefault(guard, guard), points(guard, value), limit(guard)));
        }
        return "<section class=\"curves\">\n"
                + scores("broad", SCORE_WIDTH, SCORE_HEIGHT)
                + scores("narrow", SMALL_WIDTH, NARROW_HEIGHT)
                + charts.stream().map(CurveChart::svg).collect(Collectors.joining())
                + "</section>\n<p class=\"legend\"><span class=\"best\">\u25cf</span> best "
                + "<span class=\"bad\">\u25cf</span> outside the bounds "
                + "<span class=\"bad\">\u2504</span> bound</p>\n";
    }

    /** The curves of other profiles, and what was looked at of a gradient. */
    private String profiles() {
        if (report.profiles().isEmpty()) {
            return "";
        }
        ProfileSearchResult tried = report.profiles().get();
        StringBuilder section = new StringBuilder("<h2>Other profiles</h2>\n<section class=\"curves\">\n");
        for (ProfileSearchResult.Candidate candidate : tried.candidates()) {
            if (candidate.trials().isEmpty()) {
                section.append("<p>").append(Html.escape(candidate.name())).append(": not looked at</p>\n");
            } else if (isGradient(candidate)) {
                section.append(gradient(candidate).svg());
            } else {
                section.append(curve(candidate).svg());
            }
        }
        return section + "</section>\n<dl>"
                + tried.candidates().stream().map(this::advantage).collect(Collectors.joining())
                + "</dl>\n"
                + SearchReport.needed(tried)
                        .map(needed -> "<p>One alpha for all tensors stays the choice unless another profile scores"
                                + " higher by more than chance. Needed: " + Html.escape(needed) + ".</p>\n")
                        .orElse("");
    }

    private static boolean isGradient(ProfileSearchResult.Candidate candidate) {
        return candidate.trials().stream()
                        .map(trial -> trial.evaluation().profile())
                        .distinct()
                        .count()
                > 1;
    }

    private CurveChart curve(ProfileSearchResult.Candidate candidate) {
        List<Trial> trials = new ArrayList<>(candidate.trials());
        report.trials().stream().filter(trial -> trial.alpha() == 0).forEach(trials::add);
        trials.sort(Comparator.comparingDouble(Trial::alpha));
        return small(
                candidate.name() + ", \u00b1 one standard error",
                report.score(),
                trials.stream()
                        .map(trial -> point(trial, report.score(), trial.reportedScore()))
                        .toList(),
                OptionalDouble.empty());
    }

    private GradientChart gradient(ProfileSearchResult.Candidate candidate) {
        List<GradientChart.Point> points = Stream.concat(
                        report.trials().stream().filter(trial -> trial.alpha() != 0 && trial.isAllowed()),
                        candidate.trials().stream())
                .map(this::place)
                .toList();
        double most = candidate.trials().stream()
                .mapToDouble(trial -> Math.max(
                        Math.abs(place(trial).first()), Math.abs(place(trial).last())))
                .max()
                .orElseThrow();
        return new GradientChart(
                "gradient: larger dots score higher",
                SMALL_WIDTH,
                NARROW_HEIGHT,
                points.stream().filter(point -> Math.abs(point.first()) <= most).toList());
    }

    private GradientChart.Point place(Trial trial) {
        CurveChart.Point point = point(trial, report.score(), trial.reportedScore());
        List<TensorAlphaRule> rules = trial.evaluation().profile().rules();
        double first =
                rules.isEmpty() ? trial.alpha() : rules.getFirst().alpha().at(trial.alpha(), 0);
        double last = rules.isEmpty() ? trial.alpha() : rules.getFirst().alpha().at(trial.alpha(), 1);
        return new GradientChart.Point(first, last, point.value(), point.style(), point.hint());
    }

    private String advantage(ProfileSearchResult.Candidate candidate) {
        String highest = candidate
                .highest()
                .map(trial -> SearchReport.name(trial)
                        + candidate
                                .reportedAdvantage()
                                .map(gain -> ", " + numbers.estimate(gain, "+")
                                        + " above the highest score of one alpha for all")
                                .orElse(""))
                .orElse("no alpha keeps the bounds");
        String edge =
                SearchReport.edge(candidate).map(why -> "; no maximum: " + why).orElse("");
        String unconfirmed = SearchReport.unconfirmed(candidate)
                .map(why -> "; not chosen: " + why)
                .orElse("");
        return "<dt>" + Html.escape(candidate.name()) + "</dt><dd>" + Html.escape(highest + edge + unconfirmed)
                + "</dd>\n";
    }

    /** The main curve in a size whose words can be read on a page of that width, which shows no other. */
    private String scores(String page, int width, int height) {
        CurveChart chart = new CurveChart(
                report.score() + " by alpha, \u00b1 one standard error",
                report.score(),
                width,
                height,
                points(report.score(), Trial::reportedScore),
                OptionalDouble.empty());
        return "<div class=\"main " + page + "\">" + chart.svg() + "</div>\n";
    }

    private static CurveChart small(String title, String label, List<CurveChart.Point> points, OptionalDouble limit) {
        return new CurveChart(title, label, SMALL_WIDTH, SMALL_HEIGHT, points, limit);
    }

    private List<CurveChart.Point> points(String name, Function<Trial, Estimate> values) {
        return report.trials().stream()
                .map(trial -> point(trial, name, values.apply(trial)))
                .toList();
    }

    private CurveChart.Point point(Trial trial, String name, Estimate value) {
        String style = report.isBest(trial) ? "best" : trial.isAllowed() ? "point" : "bad";
        String number = value.error() == 0 ? SearchTable.number(value.mean()) : numbers.estimate(value, "");
        String hint = String.format(Locale.ROOT, "%s: %s %s", SearchReport.name(trial), name, number);
        return new CurveChart.Point(trial.alpha(), value.mean(), value.error(), style, hint);
    }

    private OptionalDouble limit(String guard) {
        return report.options().bounds().stream()
                .filter(bound -> bound.guard().equals(guard))
                .flatMapToDouble(bound -> height(bound).stream())
                .findFirst();
    }

    /** Where the line of a bound is drawn; empty for one that has no height of its own. */
    private OptionalDouble height(GuardBound bound) {
        return switch (bound.side()) {
            case AT_MOST, AT_LEAST -> OptionalDouble.of(bound.limit());
            case RISES_AT_MOST ->
                report.trials().stream()
                        .filter(trial -> trial.alpha() == 0)
                        .mapToDouble(aligned -> SearchTable.guard(aligned, bound.guard()) + bound.limit())
                        .findFirst();
            case FALLS_WITHIN_ERRORS -> OptionalDouble.empty();
        };
    }

    private String table() {
        String headings = report.guards().stream()
                .map(guard -> "<th>" + Html.escape(guard) + "</th>")
                .collect(Collectors.joining());
        return String.format(
                        Locale.ROOT,
                        "<div class=\"wide\"><table>\n<tr>%s<th>alpha</th><th>%s</th><th>above alpha 0</th>%s<th></th></tr>\n",
                        report.profiles().isPresent() ? "<th>profile</th>" : "",
                        Html.escape(report.score()),
                        headings)
                + report.all().stream().map(this::row).collect(Collectors.joining())
                + "</table></div>\n";
    }

    private String row(Trial trial) {
        List<String> remarks = new ArrayList<>();
        if (report.isBest(trial)) {
            remarks.add("best");
        }
        if (report.isHighest(trial)) {
            remarks.add(report.result().edge().isPresent() ? "highest" : "maximum");
        }
        trial.violated().forEach(bound -> remarks.add(SearchTable.violation(bound)));
        return String.format(
                Locale.ROOT,
                "<tr%s>%s<td>%s</td><td>%s</td><td>%s</td>%s<td class=\"remark\">%s</td></tr>\n",
                report.isBest(trial) ? " class=\"best\"" : trial.isAllowed() ? "" : " class=\"bad\"",
                report.profiles().isPresent()
                        ? "<td>" + Html.escape(trial.evaluation().profile().name()) + "</td>"
                        : "",
                Numbers.brief(trial.alpha()),
                numbers.estimate(trial.reportedScore(), ""),
                trial.alpha() == 0 ? "" : numbers.estimate(trial.reportedDifference(), "+"),
                report.guards().stream()
                        .map(guard -> "<td>" + SearchTable.number(guard, SearchTable.guard(trial, guard)) + "</td>")
                        .collect(Collectors.joining()),
                Html.escape(String.join(", ", remarks)));
    }

    private String inputs() {
        return "<details><summary>What was searched</summary><dl>\n"
                + report.inputs().entrySet().stream()
                        .map(input -> String.format(
                                Locale.ROOT,
                                "<dt>%s</dt><dd>%s</dd>\n",
                                Html.escape(input.getKey()),
                                Html.escape(input.getValue())))
                        .collect(Collectors.joining())
                + "</dl></details>\n";
    }
}
