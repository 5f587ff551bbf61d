package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.TensorDelta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
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
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s - %2$s</title>
                <style>
                %3$s</style>
                </head>
                <body>
                <main>
                <h1>%1$s - %2$s</h1>
                %4$s%5$s%6$s</main>
                </body>
                </html>
                """.formatted(
                        Html.escape(pair.aligned().name()),
                        Html.escape(pair.sft().name()),
                        STYLE,
                        remarks(),
                        pair.tensors().isEmpty() ? "" : maps(),
                        pair.tensors().isEmpty() ? "" : table());
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
        return "<td class=\"h%d\" title=\"%s: %s\"></td>"
                .formatted(scale.step(number), Html.escape(tensor.name()), CompareReport.number(number));
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

    private static final String STYLE = """
            :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --muted: #59636e; --line: #d8dee6;
              --bad: #c01c28; --cold: #eef2f7; --hot: #0b3d91; }
            @media (prefers-color-scheme: dark) {
              :root { --paper: #0e1116; --ink: #e4e8ed; --muted: #9aa5b1; --line: #323a45; --bad: #ff8078;
                --cold: #1b222b; --hot: #8cc4ff; } }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
            h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
            h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
            ul { padding-left: 1.2rem; }
            .bad { color: var(--bad); }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            th { color: var(--muted); font-weight: 600; text-align: left; white-space: nowrap; padding: .2rem .8rem .2rem 0; }
            td { padding: .2rem .8rem .2rem 0; white-space: nowrap; border-bottom: 1px solid var(--line); }
            .map { font-size: .85rem; }
            .map td { width: 2.2rem; min-width: 2.2rem; height: 1.1rem; padding: 0; border: 1px solid var(--paper); }
            .map tr:first-child th { vertical-align: bottom; padding: 0; }
            .map tr:first-child span { writing-mode: vertical-rl; transform: rotate(180deg); padding: .3rem 0; }
            .legend { color: var(--muted); margin: .25rem 0 .5rem; }
            .legend i { display: inline-block; width: 1.2rem; height: .8rem; }
            .h0 { background: repeating-linear-gradient(45deg, var(--paper), var(--paper) 3px, var(--line) 3px, var(--line) 4px); }
            """ + heat();

    private static String heat() {
        StringBuilder css = new StringBuilder();
        for (int i = 1; i <= STEPS; i++) {
            int share = 8 + 92 * (i - 1) / (STEPS - 1);
            css.append(".h%d { background: color-mix(in oklab, var(--hot) %d%%, var(--cold)); }\n".formatted(i, share));
        }
        return css.toString();
    }
}
