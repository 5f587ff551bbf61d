package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.score.Answer;
import io.github.expogguf.search.Trial;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The part of the page with the answers: a prompt below the other, the alphas side by side, shown by check boxes. */
final class SearchAnswers {

    /** More would make the page slow. */
    private static final int MOST_PROMPTS = 200;

    private static final String CUT_OFF = " <span class=\"cut\" title=\"cut off by the limit of tokens\">\u2026</span>";

    private final SearchReport report;
    private final List<Trial> trials;

    SearchAnswers(SearchReport report) {
        this.report = report;
        this.trials = report.all().stream()
                .filter(trial -> !trial.evaluation().answers().isEmpty())
                .toList();
    }

    /** Rules that hide the alphas whose boxes are not checked. */
    String style() {
        return IntStream.range(0, trials.size())
                .mapToObj(index ->
                        String.format(Locale.ROOT, "body:has(#a%d:not(:checked)) .a%1$d { display: none; }\n", index))
                .collect(Collectors.joining());
    }

    String section() {
        if (trials.isEmpty()) {
            return "";
        }
        int prompts = trials.getFirst().evaluation().answers().size() / report.answersPerPrompt();
        int shown = Math.min(prompts, MOST_PROMPTS);
        return "<h2>Answers</h2>\n"
                + (shown < prompts ? String.format(Locale.ROOT, "<p>The first %d of %d.</p>\n", shown, prompts) : "")
                + (isAnyCutOff() ? "<p>" + CUT_OFF + " is where the limit of tokens ended an answer.</p>\n" : "")
                + "<div class=\"choices\" role=\"group\" aria-label=\"alphas whose answers are shown\"><span>alpha</span>\n"
                + IntStream.range(0, trials.size()).mapToObj(this::box).collect(Collectors.joining())
                + "</div>\n"
                + IntStream.range(0, shown).mapToObj(this::prompt).collect(Collectors.joining());
    }

    private boolean isAnyCutOff() {
        return trials.stream()
                .flatMap(trial -> trial.evaluation().answers().stream())
                .anyMatch(Answer::isCutOff);
    }

    private String box(int index) {
        Trial trial = trials.get(index);
        boolean isChecked =
                trial.alpha() == 0 || report.isBest(trial) || report.isMaximum(trial) || index == trials.size() - 1;
        return String.format(
                Locale.ROOT,
                "<label><input type=\"checkbox\" id=\"a%d\"%s> %s%s</label>\n",
                index,
                isChecked ? " checked" : "",
                Html.escape(SearchReport.name(trial).substring("alpha ".length())),
                report.isBest(trial) ? " (" + report.chosenWord() + ")" : "");
    }

    private String prompt(int prompt) {
        String text = trials.getFirst()
                .evaluation()
                .answers()
                .get(prompt * report.answersPerPrompt())
                .prompt()
                .text();
        return String.format(
                Locale.ROOT,
                "<h3>%s</h3>\n<div class=\"cards\">\n%s</div>\n",
                Html.escape(text),
                IntStream.range(0, trials.size())
                        .mapToObj(index -> card(index, prompt))
                        .collect(Collectors.joining()));
    }

    private String card(int index, int prompt) {
        Trial trial = trials.get(index);
        int first = prompt * report.answersPerPrompt();
        String answers = trial.evaluation().answers().subList(first, first + report.answersPerPrompt()).stream()
                .map(SearchAnswers::paragraph)
                .collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                "<div class=\"card a%d\"><b>%s%s</b>%s</div>\n",
                index,
                Html.escape(SearchReport.name(trial)),
                score(trial, prompt),
                answers);
    }

    /** Margins are those of preferences, which are other texts. */
    private String score(Trial trial, int prompt) {
        return report.score().equals(ScoreFlags.Kind.MARGIN.label())
                ? ""
                : " \u00b7 " + SearchTable.number(trial.evaluation().scores().get(prompt));
    }

    private static String paragraph(Answer answer) {
        return String.format(Locale.ROOT, "<p>%s%s</p>", Html.escape(answer.text()), answer.isCutOff() ? CUT_OFF : "");
    }
}
