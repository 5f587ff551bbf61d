package io.github.expogguf.plan.options;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The alpha that a rule gives, which may change with the depth in the model. One point is the same everywhere; several
 * stand at equal distances from the first block to the last, with straight lines between them, as mergekit's gradients.
 *
 * @param isRelative whether the points are factors of the alpha of the whole model, or alphas themselves
 * @param points     one or more, from the first block to the last; finite
 */
public record AlphaCurve(boolean isRelative, List<Float> points) {

    /** The values of the aligned model, as alpha 0. */
    public static final AlphaCurve COPY = new AlphaCurve(false, List.of(0f));

    private static final String COPY_TEXT = "copy";
    private static final String FACTOR = "*";
    private static final String TO = "..";

    /** Decimal digits are needed before and after the point, so that it is never taken for one of {@link #TO}. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    /** Checks and copies the points. */
    public AlphaCurve {
        points = Elements.copy(points, "points");
        if (points.isEmpty()) {
            throw new IllegalArgumentException("an alpha without a number");
        }
        for (float point : points) {
            Numbers.requireFinite(point, "alpha");
        }
    }

    /**
     * Parses {@code 0.3}, {@code *0.5} (half of the alpha of the model), {@code 0.2..0.5}, {@code *0.5..1.5},
     * {@code 0.2..0.5..0.3} or {@code copy}.
     *
     * @param text a curve in one of these forms
     * @return the curve
     * @throws IllegalArgumentException if it is none of these
     */
    public static AlphaCurve parse(String text) {
        Objects.requireNonNull(text, "text");
        if (text.equals(COPY_TEXT)) {
            return COPY;
        }
        boolean isRelative = text.startsWith(FACTOR);
        List<Float> points = new ArrayList<>();
        for (String number : text.substring(isRelative ? 1 : 0).split(Pattern.quote(TO), -1)) {
            if (!NUMBER.matcher(number).matches()) {
                throw new IllegalArgumentException(Escape.quote(text)
                        + " is neither copy nor an alpha such as 0.3, *0.5, 0.2..0.5" + " or *0.5..1.5");
            }
            float point = Float.parseFloat(number);
            Numbers.requireLargeEnough(number, point);
            points.add(point);
        }
        return new AlphaCurve(isRelative, points);
    }

    /** {@return the text that {@link #parse} reads} */
    public String text() {
        return equals(COPY)
                ? COPY_TEXT
                : (isRelative ? FACTOR : "")
                        + points.stream().map(Numbers::brief).collect(Collectors.joining(TO));
    }

    /** {@return whether a model has this alpha even where its own is 0} */
    public boolean holdsAtAlphaZero() {
        return !isRelative && points.stream().anyMatch(point -> point != 0);
    }

    /**
     * {@return the alpha of a tensor}
     *
     * @param modelAlpha alpha of the whole model
     * @param depth      place of the tensor: 0 in the first block, 1 in the last
     * @throws IllegalArgumentException if it is not finite
     */
    public float at(float modelAlpha, double depth) {
        double place = depth * (points.size() - 1);
        int first = (int) Math.min(Math.floor(place), Math.max(0, points.size() - 2));
        double beyond = place - first;
        double value =
                beyond == 0 ? points.get(first) : (1 - beyond) * points.get(first) + beyond * points.get(first + 1);
        float alpha = (float) (isRelative ? value * modelAlpha : value);
        if (!Float.isFinite(alpha)) {
            throw new IllegalArgumentException("alpha " + modelAlpha + " and a rule of " + text() + " give " + alpha);
        }
        return alpha;
    }
}
