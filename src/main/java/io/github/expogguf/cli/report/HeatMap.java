package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One share of every tensor as a map, its digits on its colours: kinds of tensors side by side, layers below each
 * other; then those outside of layers.
 *
 * @param title    the heading
 * @param note     what is below the heading, if anything is
 * @param ofTensor the share; empty for a tensor that has none
 * @param ofSums   the same of several tensors; empty where that means nothing
 */
record HeatMap(
        String title,
        String note,
        Function<TensorDelta, OptionalDouble> ofTensor,
        Optional<ToDoubleFunction<DeltaSums>> ofSums) {

    /** All that are drawn. */
    DoubleStream shares(LayerGrid grid) {
        Stream<TensorDelta> tensors = Stream.concat(
                grid.layers().values().stream().flatMap(layer -> layer.values().stream()), grid.alone().stream());
        DoubleStream ofEach = tensors.flatMapToDouble(tensor -> ofTensor.apply(tensor).stream());
        return ofSums.isEmpty()
                ? ofEach
                : DoubleStream.concat(ofEach, grid.totals().mapToDouble(ofSums.get()));
    }

    String html(LayerGrid grid, HeatScale scale) {
        return "<h2>" + title + "</h2>\n"
                + (note.isEmpty() ? "" : "<p class=\"about\">" + note + "</p>\n")
                + (grid.layers().isEmpty() ? "" : layers(grid, scale))
                + alone(grid, scale);
    }

    private String layers(LayerGrid grid, HeatScale scale) {
        List<String> kinds =
                grid.kinds().stream().filter(kind -> isOf(grid, kind)).toList();
        StringBuilder rows = new StringBuilder("<thead><tr><th scope=\"col\">layer</th>");
        kinds.forEach(kind -> rows.append(heading(shortened(kind))));
        rows.append(ofSums.isPresent() ? heading("all") : "").append("</tr></thead>\n<tbody>\n");
        grid.layers().forEach((layer, tensors) -> {
            rows.append("<tr><th scope=\"row\">").append(Html.escape(layer)).append("</th>");
            kinds.forEach(kind -> rows.append(cell(tensors.get(kind), scale)));
            rows.append(cell("all of " + layer, grid.ofLayer(layer), scale)).append("</tr>\n");
        });
        if (ofSums.isPresent()) {
            rows.append("<tr><th scope=\"row\">all</th>");
            kinds.forEach(kind -> rows.append(cell("all " + kind, grid.ofKind(kind), scale)));
            rows.append(cell("all layers", grid.ofLayers(), scale)).append("</tr>\n");
        }
        return box(rows + "</tbody>");
    }

    /** Whether any tensor of the kind has the share. */
    private boolean isOf(LayerGrid grid, String kind) {
        return grid.layers().values().stream()
                .flatMap(layer -> Stream.ofNullable(layer.get(kind)))
                .anyMatch(tensor -> ofTensor.apply(tensor).isPresent());
    }

    private String alone(LayerGrid grid, HeatScale scale) {
        String tensors = grid.alone().stream()
                .filter(tensor -> ofTensor.apply(tensor).isPresent())
                .map(tensor -> row(shortened(tensor.name()), cell(tensor, scale)))
                .collect(Collectors.joining());
        String all = ofSums.isPresent() ? row("all tensors", cell("all tensors", grid.ofAll(), scale)) : "";
        return tensors.isEmpty() && all.isEmpty() ? "" : box("<tbody>\n" + tensors + all + "</tbody>");
    }

    private String box(String rows) {
        return "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" + title + "\"><table class=\"map\">\n"
                + rows + "</table></div>\n";
    }

    private static String heading(String kind) {
        return "<th scope=\"col\"><span>" + Html.escape(kind) + "</span></th>";
    }

    private static String row(String name, String cell) {
        return "<tr><th scope=\"row\">" + Html.escape(name) + "</th>" + cell + "</tr>\n";
    }

    private static String shortened(String name) {
        return name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name;
    }

    private String cell(@Nullable TensorDelta tensor, HeatScale scale) {
        return tensor == null || ofTensor.apply(tensor).isEmpty()
                ? "<td></td>"
                : cell(tensor.name(), ofTensor.apply(tensor).getAsDouble(), scale);
    }

    private String cell(String name, DeltaSums sums, HeatScale scale) {
        return ofSums.map(share -> cell(name, share.applyAsDouble(sums), scale)).orElse("");
    }

    private static String cell(String name, double share, HeatScale scale) {
        return String.format(
                Locale.ROOT,
                "<td class=\"%s\" title=\"%s: %s\">%s</td>",
                scale.style(share),
                Html.escape(name),
                Double.isFinite(share) ? Numbers.significant(100 * share, 4) + " %" : "no finite number",
                HeatScale.digits(share));
    }
}
