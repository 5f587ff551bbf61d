package io.github.expogguf.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The colours of shares, the same for all maps of a page: from the smallest to the largest of them in logarithmic
 * steps, whose colours and those of the digits on them are in {@code compare.css}.
 *
 * @param smallest finite and above 0; larger than {@code largest} where there are no such shares
 * @param largest  of the finite ones
 */
record HeatScale(double smallest, double largest) {

    /** As many as there are colours. */
    static final int STEPS = 17;

    private static final double SMALLEST_PLAIN = 0.0005; // percent; below it digits need too much room
    private static final double LARGEST_PLAIN = 9999.5;

    static HeatScale of(DoubleStream shares) {
        double[] shown =
                shares.filter(share -> share > 0 && Double.isFinite(share)).toArray();
        return new HeatScale(
                DoubleStream.of(shown).min().orElse(Double.MAX_VALUE),
                DoubleStream.of(shown).max().orElse(0));
    }

    /** The class of a share: 0 has no colour, nor has what is no finite number. */
    String style(double share) {
        if (!Double.isFinite(share)) {
            return "odd";
        }
        return share == 0 ? "none" : "h" + step(share);
    }

    private int step(double share) {
        if (share >= largest) {
            return STEPS;
        }
        return 1 + (int) Math.round(Math.log(share / smallest) / Math.log(largest / smallest) * (STEPS - 1));
    }

    /** Every other colour with the share that it stands for, the first and the last included. */
    String legend() {
        StringBuilder swatches = new StringBuilder();
        if (smallest < largest) {
            IntStream.iterate(1, step -> step <= STEPS, step -> step + 2)
                    .forEach(step -> swatches.append(swatch(step, at(step))));
        } else if (largest > 0) {
            swatches.append(swatch(STEPS, largest));
        } else {
            swatches.append("<span class=\"none\">0</span>");
        }
        return "<figure class=\"legend\">\n<figcaption>One colour scale for all maps: percent, in logarithmic"
                + " steps</figcaption>\n<div class=\"scale\">" + swatches + "</div>\n</figure>\n";
    }

    private static String swatch(int step, double share) {
        return String.format(Locale.ROOT, "<span class=\"h%d\">%s</span>", step, digits(share));
    }

    private double at(int step) {
        return step == STEPS ? largest : smallest * Math.pow(largest / smallest, (step - 1.0) / (STEPS - 1));
    }

    /** A share in percent, of two digits, three from 100 on; what is nearly all is not shown as all. */
    static String digits(double share) {
        double percent = 100 * share;
        if (!Double.isFinite(percent)) {
            return Double.isNaN(percent) ? "NaN" : "\u221e";
        }
        if (percent > 99 && percent < 100) {
            return "&gt;99";
        }
        if (percent >= SMALLEST_PLAIN && percent < LARGEST_PLAIN) {
            return BigDecimal.valueOf(percent)
                    .round(new MathContext(percent < 100 ? 2 : 3))
                    .toPlainString();
        }
        return percent == 0
                ? "0"
                : String.format(Locale.ROOT, "%.0e", percent)
                        .replace("e-0", "e-")
                        .replace("e+0", "e")
                        .replace("e+", "e");
    }
}
