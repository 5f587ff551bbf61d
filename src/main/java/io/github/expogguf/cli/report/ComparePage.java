package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.cli.terminal.Page;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.TensorDelta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A comparison as one HTML page that needs nothing else: heat maps of layers and kinds, and every tensor. */
public final class ComparePage {

    private static final int STEPS = 9;

    private final PairComparison pair;

    private ComparePage(PairComparison pair) {
        this.pair = pair;
    }

    public static String of(PairComparison pair) {
        return new ComparePage(pair).page();
    }

    private String page() {
        return Page.of(
                pair.aligned().name() + " - " + pair.sft().name(),
                Page.resource(ComparePage.class, "compare.css") + heat(),
                remarks() + (pair.tensors().isEmpty() ? "" : maps() + table()));
    }

    private String remarks() {
        return pair.remarks().stream().map(ComparePage::remark).collect(Collectors.joining("", "<ul>\n", "</ul>\n"));
    }

    private static String remark(Remark remark) {
        String style = remark.weight() == Remark.Weight.NOTE ? "note" : "bad";
        return "<li class=\"" + style + "\">" + Html.escape(remark.text()) + "</li>\n";
    }

    private String maps() {
        return map(
                        "Norm of the delta, as a share of the SFT model's",
                        tensor -> tensor.sums().relativeNorm())
                + map(
                        "Share of the delta's energy in its first singular direction",
                        tensor -> tensor.rankOneShare().orElse(0))
                + map(
                        "Share of the weights that changed",
                        tensor -> tensor.sums().changedShare());
    }

    /** Kinds of tensors side by side, layers below each other; then those outside of layers. */
    private String map(String title, ToDoubleFunction<TensorDelta> value) {
        Map<String, Map<String, TensorDelta>> layers = new LinkedHashMap<>();
        Set<String> kinds = new LinkedHashSet<>();
        List<TensorDelta> alone = new ArrayList<>();
        for (TensorDelta tensor : pair.tensors()) {
            String layer = DeltaGroup.layer(tensor);
            if (layer.equals(tensor.name())) {
                alone.add(tensor);
            } else {
                kinds.add(DeltaGroup.kind(tensor));
                layers.computeIfAbsent(layer, _ -> new LinkedHashMap<>()).put(DeltaGroup.kind(tensor), tensor);
            }
        }
        Scale scale = Scale.of(pair.tensors(), value);
        StringBuilder html = new StringBuilder(
                "<h2>" + title + "</h2>\n" + scale.legend() + "<div class=\"wide\"><table class=\"map\">\n");
        html.append("<tr><th></th>");
        kinds.forEach(kind ->
                html.append("<th><span>").append(Html.escape(shortened(kind))).append("</span></th>"));
        html.append("</tr>\n");
        layers.forEach((layer, tensors) -> {
            html.append("<tr><th>").append(Html.escape(layer)).append("</th>");
            kinds.forEach(kind -> html.append(cell(tensors.get(kind), scale, value)));
            html.append("</tr>\n");
        });
        html.append("</table></div>\n");
        if (!alone.isEmpty()) {
            html.append("<div class=\"wide\"><table class=\"map\">\n<tr>");
            alone.forEach(tensor -> html.append("<th><span>")
                    .append(Html.escape(shortened(tensor.name())))
                    .append("</span></th>"));
            html.append("</tr>\n<tr>");
            alone.forEach(tensor -> html.append(cell(tensor, scale, value)));
            html.append("</tr>\n</table></div>\n");
        }
        return html.toString();
    }

    private static String shortened(String name) {
        return name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name;
    }

    private static String cell(@Nullable TensorDelta tensor, Scale scale, ToDoubleFunction<TensorDelta> value) {
        if (tensor == null) {
            return "<td></td>";
        }
        double number = value.applyAsDouble(tensor);
        return String.format(
                Locale.ROOT,
                "<td class=\"h%d\" title=\"%s: %s\"></td>",
                scale.step(number),
                Html.escape(tensor.name()),
                CompareReport.number(number));
    }

    /** From the smallest to the largest value in logarithmic steps. */
    private record Scale(double smallest, double largest) {

        static Scale of(List<TensorDelta> tensors, ToDoubleFunction<TensorDelta> value) {
            double smallest = Double.MAX_VALUE;
            double largest = 0;
            for (TensorDelta tensor : tensors) {
                double number = value.applyAsDouble(tensor);
                if (number > 0 && Double.isFinite(number)) {
                    smallest = Math.min(smallest, number);
                    largest = Math.max(largest, number);
                }
            }
            return new Scale(smallest, largest);
        }

        /** 0 for none, then 1 to {@value #STEPS}. */
        int step(double number) {
            if (number <= 0) {
                return 0;
            }
            if (number >= largest) {
                return STEPS;
            }
            double share = Math.log(number / smallest) / Math.log(largest / smallest);
            return 1 + (int) Math.round(share * (STEPS - 1));
        }

        String legend() {
            if (largest == 0) {
                return "<p class=\"legend\">none</p>\n";
            }
            StringBuilder html = new StringBuilder("<p class=\"legend\">" + CompareReport.number(smallest) + " ");
            for (int i = 1; i <= STEPS; i++) {
                html.append("<i class=\"h").append(i).append("\"></i>");
            }
            return html.append(" ")
                    .append(CompareReport.number(largest))
                    .append("</p>\n")
                    .toString();
        }
    }

    private String table() {
        StringBuilder html = new StringBuilder("<h2>Tensors</h2>\n<div class=\"wide\"><table>\n<tr>");
        for (String heading : CompareReport.HEADINGS) {
            html.append("<th>").append(heading).append("</th>");
        }
        html.append("</tr>\n");
        pair.tensors().forEach(tensor -> html.append(row(tensor)));
        return html.append("</table></div>\n").toString();
    }

    private static String row(TensorDelta tensor) {
        List<String> cells = CompareReport.cells(tensor);
        return cells.stream()
                .map(cell -> "<td>" + Html.escape(cell) + "</td>")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    /** The colours of the steps. */
    private static String heat() {
        StringBuilder css = new StringBuilder();
        for (int i = 1; i <= STEPS; i++) {
            int share = 8 + 92 * (i - 1) / (STEPS - 1);
            css.append(String.format(
                    Locale.ROOT,
                    ".h%d { background: color-mix(in oklab, var(--hot) %d%%, var(--cold)); }\n",
                    i,
                    share));
        }
        return css.toString();
    }
}
