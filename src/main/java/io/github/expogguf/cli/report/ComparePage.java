package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.cli.terminal.Page;
import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.TensorDelta;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A comparison as one HTML page that needs nothing else: heat maps of layers and kinds, and every tensor. */
public final class ComparePage {

    private static final List<HeatMap> MAPS = List.of(
            new HeatMap(
                    "Norm of the delta, as a share of the SFT model's",
                    "",
                    tensor -> OptionalDouble.of(tensor.sums().relativeNorm()),
                    Optional.of(DeltaSums::relativeNorm)),
            new HeatMap(
                    "Share of the weights that changed",
                    "",
                    tensor -> OptionalDouble.of(tensor.sums().changedShare()),
                    Optional.of(DeltaSums::changedShare)),
            new HeatMap(
                    "Share of the delta's energy in its first singular direction",
                    "On a sample of rows; of matrices in which something changed.",
                    TensorDelta::rankOneShare,
                    Optional.empty()));

    /** Of {@link CompareReport#HEADINGS}. */
    private static final List<String> MEANINGS = List.of(
            "name in the aligned model",
            "type of its values in both models, or in the SFT model and in the aligned one",
            "norm of the delta by the norm of the SFT model's weights; 0.01 is one percent",
            "of the angle between the weights of the two models",
            "share of the weights whose delta is not 0",
            "root mean square of the deltas, in the unit of the weights",
            "half of the deltas are smaller in magnitude, to half a power of two",
            "99 of 100 are",
            "magnitude of the largest delta",
            "root mean square of the rounding that the types have brought into the delta, at most",
            "share of the delta's energy in its first singular direction, on a sample of rows");

    private static final int COLUMNS_OF_TEXT = 2;

    private final PairComparison pair;
    private final PairNames names;

    private ComparePage(PairComparison pair, PairNames names) {
        this.pair = pair;
        this.names = names;
    }

    /** The page. */
    public static String of(PairComparison pair, PairNames names) {
        return new ComparePage(pair, names).page();
    }

    private String page() {
        return Page.of(
                "Delta of " + names.aligned() + " (aligned) \u2212 " + names.sft() + " (SFT)",
                Page.resource(ComparePage.class, "compare.css"),
                remarks() + (pair.tensors().isEmpty() ? "" : maps() + table()));
    }

    private String remarks() {
        String distance = pair.tensors().isEmpty() ? "" : String.join(" ", CompareReport.distance(pair));
        return pair.remarks().stream().map(ComparePage::remark).collect(Collectors.joining("", "<ul>\n", ""))
                + (distance.isEmpty() ? "" : "<li>" + distance + "</li>\n")
                + "</ul>\n";
    }

    private static String remark(Remark remark) {
        String style = remark.weight() == Remark.Weight.NOTE ? "note" : "bad";
        return "<li class=\"" + style + "\">" + CompareReport.label(remark) + Html.escape(remark.text()) + "</li>\n";
    }

    private String maps() {
        LayerGrid grid = LayerGrid.of(pair.tensors());
        HeatScale scale = HeatScale.of(MAPS.stream().flatMapToDouble(map -> map.shares(grid)));
        return "<section class=\"maps\">\n" + scale.legend()
                + MAPS.stream().map(map -> map.html(grid, scale)).collect(Collectors.joining())
                + "</section>\n";
    }

    private String table() {
        return "<h2>Every tensor</h2>\n<details><summary>What the columns say</summary><dl>\n"
                + IntStream.range(0, MEANINGS.size())
                        .mapToObj(
                                i -> "<dt>" + CompareReport.HEADINGS.get(i) + "</dt><dd>" + MEANINGS.get(i) + "</dd>\n")
                        .collect(Collectors.joining())
                + "</dl></details>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Every tensor\">"
                + "<table class=\"tensors\">\n<thead><tr>"
                + CompareReport.HEADINGS.stream()
                        .map(heading -> "<th scope=\"col\">" + heading + "</th>")
                        .collect(Collectors.joining())
                + "</tr></thead>\n<tbody>\n"
                + pair.tensors().stream().map(ComparePage::row).collect(Collectors.joining())
                + "</tbody></table></div>\n";
    }

    private static String row(TensorDelta tensor) {
        List<String> cells = CompareReport.cells(tensor);
        return "<tr><th scope=\"row\">" + Html.escape(cells.getFirst()) + "</th>"
                + IntStream.range(1, cells.size())
                        .mapToObj(i -> (i < COLUMNS_OF_TEXT ? "<td class=\"text\">" : "<td>")
                                + Html.escape(cells.get(i)) + "</td>")
                        .collect(Collectors.joining())
                + "</tr>\n";
    }
}
