package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Csv;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A search as comma-separated values, a line per alpha; no value holds a comma or a quotation mark. */
final class SearchCsv {

    private SearchCsv() {}

    static String of(SearchReport report) {
        List<String> headings = new ArrayList<>(report.profiles().isPresent() ? List.of("profile") : List.of());
        headings.addAll(List.of(
                "alpha",
                "score",
                "error",
                "difference",
                "difference_error",
                "selection_score",
                "selection_error",
                "selection_difference",
                "selection_difference_error"));
        report.guards().forEach(guard -> headings.add(guard.replace('-', '_')));
        headings.addAll(List.of("allowed", "maximum", "best"));
        return report.all().stream()
                .map(trial -> String.join(",", line(report, trial)) + "\n")
                .collect(Collectors.joining("", String.join(",", headings) + "\n", ""));
    }

    private static List<String> line(SearchReport report, Trial trial) {
        List<String> cells = new ArrayList<>();
        if (report.profiles().isPresent()) {
            cells.add(trial.evaluation().profile().name());
        }
        cells.add(Numbers.brief(trial.alpha()));
        add(cells, trial.reportedScore());
        add(cells, trial.reportedDifference());
        add(cells, trial.score());
        add(cells, trial.difference());
        report.guards().forEach(guard -> cells.add(Csv.number(SearchTable.guard(trial, guard))));
        cells.add(Boolean.toString(trial.isAllowed()));
        cells.add(Boolean.toString(report.isMaximum(trial)));
        cells.add(Boolean.toString(report.isBest(trial)));
        return cells;
    }

    private static void add(List<String> cells, Estimate estimate) {
        cells.add(Csv.number(estimate.mean()));
        cells.add(Csv.number(estimate.error()));
    }
}
