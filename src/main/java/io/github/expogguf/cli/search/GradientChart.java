package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What was looked at of a gradient as inline SVG: the alpha of the first block to the right, that of the last upwards,
 * larger dots for higher scores. Models with one alpha for all tensors lie on the diagonal.
 *
 * @param name   what is drawn
 * @param score  what the sizes of the dots say
 * @param width  in units of the picture, which grows and shrinks with the page
 * @param height in the same units
 * @param points at least one
 */
record GradientChart(String name, String score, int width, int height, List<Point> points) {

    private static final int LEFT = 72;
    private static final int RIGHT = 14;
    private static final int TOP = 30;
    private static final int BOTTOM = 42;
    private static final double MARGIN = 0.06; // of the alphas shown, at both ends
    private static final double SMALLEST = 3;
    private static final double LARGEST = 8;

    /**
     * A model.
     *
     * @param first alpha of the first block
     * @param last  alpha of the last one
     * @param style class of its mark: {@code point}, {@code best} or {@code bad}
     * @param hint  shown when the mouse is over it
     */
    record Point(double first, double last, double score, String style, String hint) {}

    /** The title has the scores of the smallest and the largest dot. */
    private String title() {
        return name + ": " + score + " " + SearchTable.number(least()) + " (small dot) to " + SearchTable.number(most())
                + " (large)";
    }

    /** The picture. */
    String svg() {
        return String.format(
                        Locale.ROOT,
                        """
                        <svg viewBox="0 0 %d %d" role="img" aria-label="%s">
                        <text class="title" x="12" y="17">%3$s</text>
                        <text class="label middle" x="%d" y="%d">alpha of the first block</text>
                        <text class="label middle" transform="translate(16 %d) rotate(-90)">alpha of the last</text>
                        """,
                        width,
                        height,
                        Html.escape(title()),
                        (LEFT + width - RIGHT) / 2,
                        height - 7,
                        (TOP + height - BOTTOM) / 2)
                + ticks()
                + String.format(
                        Locale.ROOT,
                        "<line class=\"uniform\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n",
                        x(lowest()),
                        y(lowest()),
                        x(highest()),
                        y(highest()))
                + points.stream().map(this::mark).collect(Collectors.joining())
                + "</svg>\n";
    }

    private String ticks() {
        StringBuilder ticks = new StringBuilder();
        double step = CurveChart.tickStep(highest() - lowest());
        for (double value = Math.ceil(lowest() / step) * step; value <= highest(); value += step) {
            String text = CurveChart.tickText(value, step);
            ticks.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%3$s\"/>"
                            + "<text class=\"tick end\" x=\"%d\" y=\"%3$s\" dy=\"4\">%s</text>"
                            + "<text class=\"tick middle\" x=\"%s\" y=\"%d\">%5$s</text>\n",
                    LEFT,
                    width - RIGHT,
                    y(value),
                    LEFT - 6,
                    text,
                    x(value),
                    height - 24));
        }
        return ticks.toString();
    }

    private String mark(Point point) {
        double share = most() > least() ? (point.score() - least()) / (most() - least()) : 1;
        return String.format(
                Locale.ROOT,
                "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>\n",
                point.style(),
                x(point.first()),
                y(point.last()),
                Numbers.fixed(SMALLEST + share * (LARGEST - SMALLEST), 1),
                Html.escape(point.hint()));
    }

    private double least() {
        return points.stream().mapToDouble(Point::score).min().orElseThrow();
    }

    private double most() {
        return points.stream().mapToDouble(Point::score).max().orElseThrow();
    }

    private DoubleStream alphas() {
        return points.stream().flatMapToDouble(point -> DoubleStream.of(point.first(), point.last()));
    }

    private double lowest() {
        return alphas().min().orElseThrow() - margin();
    }

    private double highest() {
        return alphas().max().orElseThrow() + margin();
    }

    private double margin() {
        double range = alphas().max().orElseThrow() - alphas().min().orElseThrow();
        return range > 0 ? range * MARGIN : 1;
    }

    private String x(double alpha) {
        return Numbers.fixed(LEFT + share(alpha) * (width - LEFT - RIGHT), 1);
    }

    private String y(double alpha) {
        return Numbers.fixed(height - BOTTOM - share(alpha) * (height - TOP - BOTTOM), 1);
    }

    private double share(double alpha) {
        return (alpha - lowest()) / (highest() - lowest());
    }
}
