package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A search as one HTML page that needs nothing else: no network, no script. */
final class SearchPage {

    private static final int SCORE_WIDTH = 860;
    private static final int SCORE_HEIGHT = 320;
    private static final int SMALL_WIDTH = 420;
    private static final int SMALL_HEIGHT = 150;

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
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Search of alpha</title>
                <style>
                """
                + STYLE
                + answers.style()
                + "</style>\n</head>\n<body>\n<main>\n<h1>Search of alpha</h1>\n"
                + summary()
                + curves()
                + table()
                + inputs()
                + answers.section()
                + "</main>\n</body>\n</html>\n";
    }

    private String summary() {
        String best = report.result()
                .best()
                .map(trial -> "<b>alpha %s</b>: %s %s%s"
                        .formatted(
                                Words.alpha(trial.alpha()),
                                report.score(),
                                numbers.estimate(trial.reportedScore(), ""),
                                trial.alpha() == 0
                                        ? ", the aligned model itself"
                                        : ", " + numbers.estimate(trial.reportedDifference(), "+")
                                                + " above the aligned model (alpha 0)"))
                .orElse("<b>no alpha</b>");
        return "<p class=\"lead\">Best: %s.</p>\n<p>Chosen: %s. Ended because %s. %s</p>\n"
                .formatted(best, Html.escape(report.choice()), Html.escape(report.end()), Html.escape(basis()));
    }

    private String basis() {
        String prompts = Units.plural(report.prompts(), "prompt");
        return report.options().holdout()
                ? "Of " + prompts + " the first, third, ... chose; scores are reported on the others."
                : "Scores are means over " + prompts + " \u00b1 one standard error.";
    }

    private String curves() {
        List<CurveChart> charts = new ArrayList<>();
        charts.add(new CurveChart(
                report.score() + " by alpha, \u00b1 one standard error",
                SCORE_WIDTH,
                SCORE_HEIGHT,
                points(report.score(), Trial::reportedScore),
                OptionalDouble.empty()));
        charts.add(small(
                report.score() + " above alpha 0, by prompt",
                points("above alpha 0", Trial::reportedDifference),
                OptionalDouble.empty()));
        for (String guard : report.guards()) {
            Function<Trial, Estimate> value = trial -> new Estimate(SearchTable.guard(trial, guard), 0);
            charts.add(small(guard, points(guard, value), limit(guard)));
        }
        return "<section class=\"curves\">\n"
                + charts.stream().map(CurveChart::svg).collect(Collectors.joining())
                + "</section>\n<p class=\"legend\"><span class=\"best\">\u25cf</span> best "
                + "<span class=\"bad\">\u25cf</span> outside the bounds "
                + "<span class=\"bad\">\u2504</span> bound</p>\n";
    }

    private static CurveChart small(String title, List<CurveChart.Point> points, OptionalDouble limit) {
        return new CurveChart(title, SMALL_WIDTH, SMALL_HEIGHT, points, limit);
    }

    private List<CurveChart.Point> points(String name, Function<Trial, Estimate> values) {
        return report.trials().stream()
                .map(trial -> point(trial, name, values.apply(trial)))
                .toList();
    }

    private CurveChart.Point point(Trial trial, String name, Estimate value) {
        String style = report.isBest(trial) ? "best" : trial.isAllowed() ? "point" : "bad";
        String number = value.error() == 0 ? SearchTable.number(value.mean()) : numbers.estimate(value, "");
        String hint = "alpha %s: %s %s".formatted(Words.alpha(trial.alpha()), name, number);
        return new CurveChart.Point(trial.alpha(), value.mean(), value.error(), style, hint);
    }

    private OptionalDouble limit(String guard) {
        return report.options().bounds().stream()
                .filter(bound -> bound.guard().equals(guard))
                .mapToDouble(GuardBound::limit)
                .findFirst();
    }

    private String table() {
        String headings = report.guards().stream()
                .map(guard -> "<th>" + Html.escape(guard) + "</th>")
                .collect(Collectors.joining());
        return "<div class=\"wide\"><table>\n<tr><th>alpha</th><th>%s</th><th>above alpha 0</th>%s<th></th></tr>\n"
                        .formatted(Html.escape(report.score()), headings)
                + report.trials().stream().map(this::row).collect(Collectors.joining())
                + "</table></div>\n";
    }

    private String row(Trial trial) {
        List<String> remarks = new ArrayList<>();
        if (report.isBest(trial)) {
            remarks.add("best");
        }
        if (report.isMaximum(trial)) {
            remarks.add("maximum");
        }
        trial.violated().forEach(bound -> remarks.add(SearchTable.violation(bound)));
        return "<tr%s><td>%s</td><td>%s</td><td>%s</td>%s<td class=\"remark\">%s</td></tr>\n"
                .formatted(
                        report.isBest(trial) ? " class=\"best\"" : trial.isAllowed() ? "" : " class=\"bad\"",
                        Words.alpha(trial.alpha()),
                        numbers.estimate(trial.reportedScore(), ""),
                        trial.alpha() == 0 ? "" : numbers.estimate(trial.reportedDifference(), "+"),
                        report.guards().stream()
                                .map(guard -> "<td>" + SearchTable.number(SearchTable.guard(trial, guard)) + "</td>")
                                .collect(Collectors.joining()),
                        Html.escape(String.join(", ", remarks)));
    }

    private String inputs() {
        return "<details><summary>What was searched</summary><dl>\n"
                + report.inputs().entrySet().stream()
                        .map(input -> "<dt>%s</dt><dd>%s</dd>\n"
                                .formatted(Html.escape(input.getKey()), Html.escape(input.getValue())))
                        .collect(Collectors.joining())
                + "</dl></details>\n";
    }

    private static final String STYLE = """
            :root { color-scheme: light dark; --paper: #fff; --card: #f4f6f9; --ink: #1b1f24; --muted: #59636e;
              --line: #d8dee6; --curve: #0b62d6; --best: #17742f; --bad: #c01c28; }
            @media (prefers-color-scheme: dark) {
              :root { --paper: #0e1116; --card: #181d24; --ink: #e4e8ed; --muted: #9aa5b1;
                --line: #323a45; --curve: #6cb0ff; --best: #5ed280; --bad: #ff8078; } }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
            h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
            h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
            .lead { font-size: 1.15rem; margin: 0; }
            .curves { display: grid; gap: 1rem;
              grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
            .curves svg:first-child { grid-column: 1 / -1; }
            svg { width: 100%; height: auto; background: var(--card); border-radius: .5rem; }
            svg text { font: 12px system-ui, sans-serif; fill: var(--muted); }
            svg .title { font-size: 13px; fill: var(--ink); }
            svg .end { text-anchor: end; }
            svg .middle { text-anchor: middle; }
            .grid { stroke: var(--line); stroke-width: 1; }
            .curve { fill: none; stroke: var(--curve); stroke-width: 2; }
            .band { fill: var(--curve); opacity: .18; }
            .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 4; }
            circle { stroke: var(--card); stroke-width: 1.5; fill: var(--curve); }
            circle.best { fill: var(--best); }
            circle.bad { fill: var(--bad); }
            .legend { color: var(--muted); margin: .5rem 0; }
            .legend .best { color: var(--best); }
            .legend .bad { color: var(--bad); }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
            th, td { padding: .2rem .8rem; text-align: right; white-space: nowrap;
              border-bottom: 1px solid var(--line); }
            th { color: var(--muted); font-weight: 600; }
            tr.best td { color: var(--best); font-weight: 600; }
            tr.bad td { color: var(--bad); }
            td.remark { text-align: left; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
            dt { color: var(--muted); }
            dd { margin: 0; overflow-wrap: anywhere; }
            .choices { position: sticky; top: 0; background: var(--paper); padding: .5rem 0; display: flex;
              flex-wrap: wrap; gap: .25rem 1rem; border-bottom: 1px solid var(--line); }
            h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; white-space: pre-wrap; overflow-wrap: anywhere; }
            .cards { display: grid; gap: .6rem;
              grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
            .card { background: var(--card); border-radius: .5rem; padding: .5rem .75rem; }
            .card b { display: block; color: var(--muted); font-size: .85rem; font-weight: 600; }
            .card p { margin: .2rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
            .card p + p { border-top: 1px dashed var(--line); }
            .cut { color: var(--bad); }
            """;
}
