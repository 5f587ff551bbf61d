package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.plan.options.AlphaCurve;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.OptionalDouble;

/** What a search found, in a few lines below its table. */
record SearchVerdict(SearchReport report, SearchTable numbers) {

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "");
        line(text, report.best().map(this::best).orElse("best: none"));
        line(text, "  chosen: " + report.choice());
        if (report.options().holdout() && report.best().isPresent()) {
            line(text, "  " + heldOut(report.best().get()));
        }
        String whose = report.profiles()
                .filter(ProfileSearchResult::isProfileChosen)
                .map(_ -> "one alpha for all, ")
                .orElse("");
        report.result()
                .highest()
                .filter(highest -> !report.isBest(highest))
                .ifPresent(highest -> line(
                        text,
                        whose + (report.result().edge().isPresent() ? "highest: " : "maximum: ") + numbers(highest)));
        report.result().hunch().ifPresent(hunch -> hunch(text, hunch));
        report.edge().ifPresent(why -> line(text, whose + "no maximum: " + why));
        line(text, whose + "ended: " + report.end());
        report.profiles().ifPresent(tried -> tried(text, tried));
        line(
                text,
                Units.count(report.all().size(), report.profiles().isPresent() ? "model" : "alpha") + " on "
                        + Units.count(report.prompts(), "prompt") + " in " + Units.duration(report.elapsedNanos()));
        return text.toString();
    }

    private String best(Trial trial) {
        return report.isUnjudged()
                ? "suggested: alpha " + Numbers.brief(trial.alpha()) + ", likeness of its answers to alpha 0's "
                        + numbers.estimate(trial.score(), "")
                : "best: " + numbers(trial);
    }

    private String numbers(Trial trial) {
        String score = SearchReport.name(trial) + ", " + report.score() + " " + numbers.estimate(trial.score(), "");
        return trial.alpha() == 0 ? score : score + ", " + numbers.estimate(trial.difference(), "+") + " above alpha 0";
    }

    private void tried(StringBuilder text, ProfileSearchResult tried) {
        line(
                text,
                "other profiles, by their highest score less that of one alpha for all"
                        + (report.options().holdout() ? ", on the prompts held out:" : ":"));
        for (ProfileSearchResult.Candidate candidate : tried.candidates()) {
            line(text, "  " + candidate.name() + ": " + highest(candidate));
            SearchReport.edge(candidate).ifPresent(why -> line(text, "    no maximum: " + why));
            if (candidate.end() == SearchResult.End.EVALUATIONS_USED) {
                line(text, "    --max-evaluations ended it");
            }
            SearchReport.unconfirmed(candidate).ifPresent(why -> line(text, "    not chosen: " + why));
        }
        SearchReport.needed(tried).ifPresent(needed -> line(text, "  needed: " + needed));
    }

    private String highest(ProfileSearchResult.Candidate candidate) {
        if (candidate.highest().isEmpty()) {
            return candidate.trials().isEmpty() ? "not looked at" : "no alpha keeps the bounds";
        }
        Trial highest = candidate.highest().get();
        String gain = candidate
                .reportedAdvantage()
                .map(above -> numbers.estimate(above, "+") + ", ")
                .orElse("");
        return gain + SearchReport.name(highest) + blocks(highest);
    }

    /** The alphas at both ends of a gradient. */
    private static String blocks(Trial trial) {
        List<TensorAlphaRule> rules = trial.evaluation().profile().rules();
        AlphaCurve curve = rules.getFirst().alpha();
        return rules.size() == 1 && curve.points().size() == 2
                ? ", " + end(curve, trial, 0) + " to " + end(curve, trial, 1) + " by block"
                : "";
    }

    private static String end(AlphaCurve curve, Trial trial, int depth) {
        return Numbers.significant(curve.at(trial.alpha(), depth), 2);
    }

    private void hunch(StringBuilder text, SearchResult.Hunch hunch) {
        String likely = likely(hunch);
        if (!likely.isEmpty()) {
            line(text, "  likely " + likely);
        }
        hunch.likeness()
                .ifPresent(likeness -> line(text, "  likeness to its neighbours' " + numbers.estimate(likeness, "")));
    }

    /** Where the best alpha may lie; empty if nothing is known. */
    static String likely(SearchResult.Hunch hunch) {
        return hunch.low().isEmpty() && hunch.high().isEmpty()
                ? ""
                : range(hunch.low(), hunch.high()) + ": there the best alphas of judged miniature pairs would lie";
    }

    /** An end that no alpha was looked at for is open. */
    private static String range(OptionalDouble low, OptionalDouble high) {
        if (low.isEmpty()) {
            return "up to " + Numbers.significant(high.getAsDouble(), 2);
        }
        String from = Numbers.significant(low.getAsDouble(), 2);
        return high.isEmpty()
                ? "from " + from + " on"
                : "between " + from + " and " + Numbers.significant(high.getAsDouble(), 2);
    }

    private String heldOut(Trial trial) {
        return "on the prompts held out: " + numbers.estimate(trial.reportedScore(), "") + ", "
                + numbers.estimate(trial.reportedDifference(), "+") + " above alpha 0";
    }

    private static void line(StringBuilder text, String line) {
        Columns.broken(line, Terminal.ofStdout().columns())
                .forEach(part -> text.append(part).append(System.lineSeparator()));
    }
}
