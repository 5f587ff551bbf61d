package io.github.expogguf.text;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Numbers as people read and write them, with a point in every language. */
public final class Numbers {

    /** A digit that is not 0 before any exponent, in Java's decimal and hexadecimal notations. */
    private static final Pattern NOT_ZERO = Pattern.compile("[+-]?(0[xX][0-9a-fA-F.]*[1-9a-fA-F]|[0-9.]*[1-9]).*");

    private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Numbers() {}

    /**
     * Refuses infinities and NaN.
     *
     * @param name what the number is called
     * @throws IllegalArgumentException if it is one
     */
    public static void requireFinite(double value, String name) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ", expected a finite number");
        }
    }

    /**
     * The finite number that a text is.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static float parseFinite(String text) {
        return finite(text, Float::parseFloat, "0.3");
    }

    /** Same, with the digits that a double holds. */
    public static double parseFiniteDouble(String text) {
        return finite(text, Double::parseDouble, "100");
    }

    private static <N extends Number> N finite(String text, Function<String, N> parse, String example) {
        N number;
        try {
            number = parse.apply(text);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not a number, as in " + example, wrong);
        }
        if (!Double.isFinite(number.doubleValue())) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not a finite number");
        }
        requireLargeEnough(text, number.doubleValue());
        return number;
    }

    /**
     * Refuses a text whose number became 0 because it is smaller than all that there are, as 1e-400.
     *
     * @param value what was parsed of the text
     * @throws IllegalArgumentException if it is one
     */
    public static void requireLargeEnough(String text, double value) {
        if (value == 0 && NOT_ZERO.matcher(text.strip()).matches()) {
            throw new IllegalArgumentException(Escape.quote(text) + " is too small to be another number than 0");
        }
    }

    /**
     * What is made of a text; if that fails for a number in it, the failure says so.
     *
     * @throws IllegalArgumentException if nothing can be made of it
     */
    public static <T> T parsed(String text, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(Escape.quote(text) + ": the value is not a number", wrong);
        }
    }

    /** The mean; NaN of none. */
    public static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElse(Double.NaN);
    }

    /** With so many digits behind the point, as in {@code 2.670}. */
    public static String fixed(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** With so many digits in all, and an exponent where it is very large or small. */
    public static String significant(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "g", value);
    }

    /** As in {@code 12.3 %}, with so many digits behind the point; 1 is 100 %. */
    public static String percent(double share, int digits) {
        return fixed(100 * share, digits) + " %";
    }

    /** As in {@code +12 %}. */
    public static String signedPercent(double share, int digits) {
        return String.format(Locale.ROOT, "%+." + digits + "f %%", 100 * share);
    }

    /** As in {@code 1,234,567}. */
    public static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** As Java writes it, with an exponent where it is very small, but 5 rather than 5.0. */
    public static String brief(float value) {
        return withoutPointZero(Float.toString(value));
    }

    /** Same. */
    public static String brief(double value) {
        return withoutPointZero(Double.toString(value));
    }

    private static String withoutPointZero(String text) {
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** As {@link #brief} has it, but never with an exponent: 0.00003 rather than 3.0E-5, 5 rather than 5.0. */
    public static String decimal(float value) {
        return decimal(new BigDecimal(Float.toString(value)));
    }

    /** Same. */
    public static String decimal(double value) {
        return decimal(BigDecimal.valueOf(value));
    }

    /** A share in percent, as short as it can be: 30 for 0.3. */
    public static String exactPercent(float share) {
        return decimal(new BigDecimal(Float.toString(share)).movePointRight(2)) + " %";
    }

    private static String decimal(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }

    /** A number without the zeros that end its digits behind the point: 0.5 for 0.500, 2 for 2.00. */
    public static String withoutZeros(String number) {
        return number.contains(".") && !number.contains("e") ? number.replaceFirst("\\.?0+$", "") : number;
    }

    /** Of three digits, as in {@code 4.58 GB}. */
    public static String bytes(long count) {
        if (count < 1000) {
            return count + " B";
        }
        double value = count;
        int unit = 0;
        while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + " " + BYTE_UNITS[unit];
    }
}
