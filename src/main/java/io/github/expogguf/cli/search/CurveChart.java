package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.Html;
import io.github.expogguf.search.AlphaScale;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A curve over alpha as inline SVG; colours come from the classes of the page. The horizontal axis is the search's own
 * scale, which shows 0 and is logarithmic from 0.1 up.
 *
 * @param title  what is drawn
 * @param label  of the axis upwards
 * @param width  in units of the picture, which grows and shrinks with the page
 * @param height in the same units
 * @param points by alpha; one whose value is not finite has its place on the axis and is not drawn
 * @param limit  a horizontal line that the points should stay below or above
 * @param shown  further heights that the axis reaches, such as those of another chart that it is compared with
 */
record CurveChart(
        String title,
        String label,
        int width,
        int height,
        List<Point> points,
        OptionalDouble limit,
        List<Double> shown) {

    private static final int LEFT = 72;
    private static final int RIGHT = 14;
    private static final int TOP = 30;
    private static final int BOTTOM = 42;
    private static final double MARGIN = 0.06; // of the heights shown, above and below
    private static final double NOISE = 0.0005; // what tables show as 0.000
    private static final int MOST_TICKS = 6;
    private static final double DIGIT_WIDTH = 8; // of the larger letters on a telephone
    private static final double[] ALPHA_TICKS = {-1, -0.5, -0.25, -0.1, 0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64};

    /**
     * A point.
     *
     * @param value upwards
     * @param error half the height of the band; 0 for none, and where it is not finite
     * @param style class of its mark: {@code point}, {@code best} or {@code bad}
     * @param hint  shown when the mouse is over it
     */
    record Point(double alpha, double value, double error, String style, String hint) {

        double low() {
            return value - shownError();
        }

        double high() {
            return value + shownError();
        }

        private double shownError() {
            return Double.isFinite(error) ? error : 0;
        }
    }

    private List<Point> drawn() {
        return points.stream().filter(point -> Double.isFinite(point.value())).toList();
    }

    /** The picture. */
    String svg() {
        if (drawn().isEmpty()) {
            return String.format(Locale.ROOT, "<p>%s: no finite value</p>\n", Html.escape(title));
        }
        String name = Html.escape(title);
        return String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
                        width,
                        height,
                        name)
                + String.format(Locale.ROOT, "<text class=\"title\" x=\"12\" y=\"17\">%s</text>\n", name)
                + labels()
                + valueTicks()
                + alphaTicks()
                + limitLine()
                + band()
                + String.format(
                        Locale.ROOT,
                        "<polyline class=\"curve\" points=\"%s\"/>\n",
                        path(drawn().stream().map(point -> place(point.alpha(), point.value()))))
                + drawn().stream().map(this::mark).collect(Collectors.joining())
                + "</svg>\n";
    }

    private String labels() {
        int middle = (TOP + height - BOTTOM) / 2;
        return String.format(
                        Locale.ROOT,
                        "<text class=\"label middle\" x=\"%d\" y=\"%d\">alpha</text>\n",
                        (LEFT + width - RIGHT) / 2,
                        height - 7)
                + String.format(
                        Locale.ROOT,
                        "<text class=\"label middle\" transform=\"translate(16 %d) rotate(-90)\">%s</text>\n",
                        middle,
                        Html.escape(label));
    }

    private String valueTicks() {
        StringBuilder ticks = new StringBuilder();
        double step = tickStep(highest() - lowest());
        for (double value = Math.ceil(lowest() / step) * step; value <= highest() + step * 1e-9; value += step) {
            ticks.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%3$s\"/>",
                    LEFT,
                    width - RIGHT,
                    one(y(value))));
            ticks.append(String.format(
                    Locale.ROOT,
                    "<text class=\"tick end\" x=\"%d\" y=\"%s\">%s</text>\n",
                    LEFT - 6,
                    one(y(value) + 4),
                    tickText(value, step)));
        }
        return ticks.toString();
    }

    /** Those that have room beside each other. */
    private String alphaTicks() {
        StringBuilder ticks = new StringBuilder();
        double free = Double.NEGATIVE_INFINITY;
        for (double alpha : ALPHA_TICKS) {
            String text = Numbers.brief((float) alpha);
            double half = text.length() * DIGIT_WIDTH / 2 + DIGIT_WIDTH / 2;
            if (alpha >= points.getFirst().alpha() && alpha <= points.getLast().alpha() && x(alpha) - half >= free) {
                free = x(alpha) + half;
                ticks.append(String.format(
                        Locale.ROOT,
                        "<text class=\"tick middle\" x=\"%s\" y=\"%d\">%s</text>\n",
                        one(x(alpha)),
                        height - 24,
                        text));
            }
        }
        return ticks.toString();
    }

    private String limitLine() {
        return limit.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "<polyline class=\"limit\" points=\"%s\"/>\n",
                        path(Stream.of(
                                LEFT + "," + one(y(limit.getAsDouble())),
                                (width - RIGHT) + "," + one(y(limit.getAsDouble())))));
    }

    private String band() {
        Stream<String> above = drawn().stream().map(point -> place(point.alpha(), point.high()));
        Stream<String> below = drawn().reversed().stream().map(point -> place(point.alpha(), point.low()));
        return String.format(
                Locale.ROOT, "<polygon class=\"band\" points=\"%s\"/>\n", path(Stream.concat(above, below)));
    }

    private String mark(Point point) {
        return String.format(
                Locale.ROOT,
                "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>\n",
                point.style(),
                one(x(point.alpha())),
                one(y(point.value())),
                point.style().equals("best") ? "6" : "4",
                Html.escape(point.hint()));
    }

    private double lowest() {
        return padded(-1);
    }

    private double highest() {
        return padded(1);
    }

    private double padded(int side) {
        List<Double> all = new ArrayList<>();
        drawn().forEach(point -> all.addAll(List.of(point.low(), point.high())));
        limit.ifPresent(all::add);
        all.addAll(shown);
        double low = all.stream().mapToDouble(value -> value).min().orElseThrow();
        double high = all.stream().mapToDouble(value -> value).max().orElseThrow();
        if (low > -NOISE && high < NOISE) {
            return side < 0 ? 0 : 1; // zeros lie on the ground
        }
        double margin = high > low ? (high - low) * MARGIN : Math.max(Math.abs(high) * MARGIN, MARGIN);
        double bottom = low > -NOISE ? Math.max(0, low - margin) : low - margin;
        return side < 0 ? bottom : high + margin;
    }

    private double x(double alpha) {
        double first = AlphaScale.position(points.getFirst().alpha());
        double last = AlphaScale.position(points.getLast().alpha());
        double share = last > first ? (AlphaScale.position(alpha) - first) / (last - first) : 0.5;
        return LEFT + 10 + share * (width - LEFT - RIGHT - 20);
    }

    private double y(double value) {
        return TOP + (highest() - Math.max(value, lowest())) / (highest() - lowest()) * (height - TOP - BOTTOM);
    }

    private String place(double alpha, double value) {
        return one(x(alpha)) + "," + one(y(value));
    }

    private static String path(Stream<String> places) {
        return places.collect(Collectors.joining(" "));
    }

    /** 1, 2 or 5 times a power of ten, so that there are a few. */
    static double tickStep(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(range / MOST_TICKS)));
        for (double step : new double[] {power, 2 * power, 5 * power}) {
            if (range / step <= MOST_TICKS) {
                return step;
            }
        }
        return 10 * power;
    }

    static String tickText(double value, double step) {
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
        double shown = Math.abs(value) < step / 2 ? 0 : value; // no -0.0
        return Numbers.fixed(shown, decimals);
    }

    private static String one(double coordinate) {
        return Numbers.fixed(coordinate, 1);
    }
}
