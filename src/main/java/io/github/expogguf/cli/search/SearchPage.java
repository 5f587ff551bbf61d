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
    private static final int SMALL_HEIGHT = 210;
    private static final int NARROW_HEIGHT = 260; // of the scores, on a telephone

    /** What a measurement is, and the unit of its axis. */
    private record Meaning(String words, String unit) {}

    private static final Map<String, Meaning> MEANINGS = Map.ofEntries(
            Map.entry("kl", new Meaning("divergence from the aligned model", "nats per token")),
            Map.entry("top1", new Meaning("same likeliest token as the aligned model", "share of positions")),
            Map.entry("length", new Meaning("mean length of answers", "aligned model = 1")),
            Map.entry("repetition", new Meaning("repeated runs of four words", "share of word runs")),
            Map.entry("cut-off", new Meaning("answers that the limit ended", "share of answers")),
            Map.entry("perplexity", new Meaning("perplexity of the text", "perplexity")),
            Map.entry("between-seeds", new Meaning("deviation of the mean, by seed", "score")),
            Map.entry("accuracy", new Meaning("better answers that are likelier", "share of pairs")),
            Map.entry("margin", new Meaning("lead of the better answers", "nats")),
            Map.entry("margin-per-token", new Meaning("lead of the better answers", "nats per token")),
            Map.entry(Measurements.DISTANCE, new Meaning("distance from the SFT model", "percent of its norm")));

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
                "Search of alpha" + names(),
                Page.resource(SearchPage.class, "search.css") + answers.style(),
                models() + summary() + curves() + profiles() + table() + inputs() + answers.section());
    }

    /** For the heading: which model is which. */
    private String names() {
        String pair = named("aligned").orElse("")
                + added()
                + named("sft").map(sft -> " (aligned), " + sft + " (SFT)").orElse("");
        return named("model").map(model -> ": " + model + ", guided by ").orElse(": ") + pair;
    }

    /** Adapters of the aligned model. */
    private String added() {
        return numbered("adapter ").map(adapter -> " + " + adapter).collect(Collectors.joining());
    }

    private Stream<String> numbered(String input) {
        return report.inputs().keySet().stream()
                .filter(name -> name.startsWith(input))
                .flatMap(name -> named(name).stream());
    }

    private String models() {
        List<String> words = new ArrayList<>();
        named("model").ifPresent(file -> words.add(word("model", file)));
        named("aligned").ifPresent(file -> words.add(word("aligned", file + added())));
        named("sft").ifPresent(file -> words.add(word("SFT", file)));
        numbered("delta ").forEach(delta -> words.add(word("delta", delta)));
        named("weights").ifPresent(rules -> words.add(word("weights", rules)));
        named("logits").ifPresent(formula -> words.add(word("logits", formula)));
        return "<p class=\"models\">" + String.join(" \u00b7 ", words) + "</p>\n";
    }

    private static String word(String role, String name) {
        return role + " <b>" + Html.escape(name) + "</b>";
    }

    /** An input without the digests behind its files. */
    private Optional<String> named(String input) {
        return Optional.ofNullable(report.inputs().get(input))
                .map(value -> value.replaceAll(" \\((sha256|fingerprint) \\p{XDigit}+\\)", ""));
    }

    private String summary() {
        String edge = report.edge()
                .map(why -> " No maximum: " + Html.escape(why) + ".")
                .orElse("");
        String hunch = report.result().hunch().map(SearchVerdict::likely).orElse("");
        return String.format(
                Locale.ROOT,
                "<p class=\"lead\">%s.</p>\n<p>Chosen: %s.%s Ended because %s. %s%s</p>\n",
                report.isUnjudged() ? suggested() : best(),
                Html.escape(report.choice()),
                edge,
                Html.escape(report.end()),
                hunch.isEmpty() ? "" : "It is likely " + Html.escape(hunch) + ". ",
                Html.escape(basis()));
    }

    private String best() {
        return "Best: "
                + report.best()
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
    }

    private String suggested() {
        return "Suggested: "
                + report.best()
                        .map(trial -> String.format(
                                Locale.ROOT,
                                "<b>%s</b>, likeness of its answers to the aligned model's %s",
                                Html.escape(SearchReport.name(trial)),
                                numbers.estimate(trial.reportedScore(), "")))
                        .orElse("<b>no alpha</b>");
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
                report.score() + " above alpha 0, \u00b1 one standard error",
                "difference",
                points("above alpha 0", Trial::reportedDifference),
                OptionalDouble.empty()));
        for (String guard : report.guards()) {
            charts.add(small(title(guard), meaning(guard).unit(), measured(guard), limit(guard)));
        }
        return "<section class=\"curves\">\n"
                + scores("broad", SCORE_WIDTH, SCORE_HEIGHT)
                + scores("narrow", SMALL_WIDTH, NARROW_HEIGHT)
                + charts.stream().map(CurveChart::svg).collect(Collectors.joining())
                + "</section>\n<p class=\"legend\"><span class=\"best\">\u25cf</span> "
                + report.chosenWord() + " <span class=\"bad\">\u25cb</span> outside the bounds "
                + "<span class=\"bad\">\u2504</span> bound</p>\n";
    }

    private static Meaning meaning(String guard) {
        return MEANINGS.getOrDefault(guard, new Meaning(guard, guard));
    }

    private static String title(String guard) {
        return guard + ": " + meaning(guard).words();
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
        return new CurveChart(
                candidate.name() + ", \u00b1 one standard error",
                report.score(),
                SMALL_WIDTH,
                SMALL_HEIGHT,
                trials.stream()
                        .map(trial -> point(trial, report.score(), trial.reportedScore()))
                        .toList(),
                OptionalDouble.empty(),
                heights());
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
                "gradient",
                report.score(),
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
                OptionalDouble.empty(),
                heights());
        return "<div class=\"main " + page + "\">" + chart.svg() + "</div>\n";
    }

    private static CurveChart small(String title, String label, List<CurveChart.Point> points, OptionalDouble limit) {
        return new CurveChart(title, label, SMALL_WIDTH, SMALL_HEIGHT, points, limit, List.of());
    }

    /** Where the scores of all profiles lie, which all their curves show, so that they can be compared. */
    private List<Double> heights() {
        return report.all().stream()
                .map(trial -> point(trial, report.score(), trial.reportedScore()))
                .flatMap(point -> Stream.of(point.low(), point.high()))
                .filter(Double::isFinite)
                .toList();
    }

    private List<CurveChart.Point> points(String name, Function<Trial, Estimate> values) {
        return report.trials().stream()
                .map(trial -> point(trial, name, values.apply(trial)))
                .toList();
    }

    private List<CurveChart.Point> measured(String guard) {
        return report.trials().stream()
                .map(trial -> new CurveChart.Point(
                        trial.alpha(),
                        inUnit(guard, SearchTable.guard(trial, guard)),
                        0,
                        style(trial),
                        hint(trial, guard, SearchTable.number(guard, SearchTable.guard(trial, guard)))))
                .toList();
    }

    /** In the unit of the guard's axis, which is that of the table. */
    private static double inUnit(String guard, double value) {
        return guard.equals(Measurements.DISTANCE) ? 100 * value : value;
    }

    private CurveChart.Point point(Trial trial, String name, Estimate value) {
        String number = value.error() == 0 ? SearchTable.number(value.mean()) : numbers.estimate(value, "");
        return new CurveChart.Point(
                trial.alpha(), value.mean(), value.error(), style(trial), hint(trial, name, number));
    }

    private String style(Trial trial) {
        return report.isBest(trial) ? "best" : trial.isAllowed() ? "point" : "bad";
    }

    private static String hint(Trial trial, String name, String number) {
        return SearchReport.name(trial) + ": " + name + " " + number;
    }

    private OptionalDouble limit(String guard) {
        return report.options().bounds().stream()
                .filter(bound -> bound.guard().equals(guard))
                .flatMapToDouble(bound -> height(bound).stream())
                .map(limit -> inUnit(guard, limit))
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
        List<String> headings = new ArrayList<>();
        report.profiles().ifPresent(_ -> headings.add("profile"));
        headings.addAll(List.of("alpha", report.score(), "above alpha 0"));
        headings.addAll(report.guards());
        headings.add("remark");
        return "<h2>Every model</h2>\n<details><summary>What the columns say</summary><dl>\n"
                + "<dt>above alpha 0</dt><dd>the mean of the differences, prompt by prompt</dd>\n"
                + report.guards().stream().map(SearchPage::explained).collect(Collectors.joining())
                + "</dl></details>\n"
                + "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Every model\"><table>\n<tr>"
                + headings.stream()
                        .map(heading -> "<th scope=\"col\">" + Html.escape(heading) + "</th>")
                        .collect(Collectors.joining())
                + "</tr>\n"
                + report.all().stream().map(this::row).collect(Collectors.joining())
                + "</table></div>\n";
    }

    private static String explained(String guard) {
        Meaning meaning = meaning(guard);
        return "<dt>" + Html.escape(guard) + "</dt><dd>" + Html.escape(meaning.words() + ", " + meaning.unit())
                + "</dd>\n";
    }

    private String row(Trial trial) {
        List<String> remarks = new ArrayList<>();
        if (report.isBest(trial)) {
            remarks.add(report.chosenWord());
        }
        if (report.isHighest(trial)) {
            remarks.add(report.result().edge().isPresent() ? "highest" : "maximum");
        }
        trial.violated().forEach(bound -> remarks.add(SearchTable.violation(bound)));
        return String.format(
                Locale.ROOT,
                "<tr%s>%s<th scope=\"row\">%s</th><td>%s</td><td>%s</td>%s<td class=\"remark\">%s</td></tr>\n",
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
