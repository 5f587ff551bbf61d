package io.github.expogguf.cli.option.value;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.OptionalDouble;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A bound that a command line sets or lifts.
 *
 * @param value empty for no bound, not even that without a word
 */
public record Limit(OptionalDouble value) {

    private static final String OFF = "off";

    /** A number that is not negative, or {@code off}. */
    public static final class ToLimit implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            return limit(text, Double::parseDouble, "is neither a number, as 0.5, nor off");
        }
    }

    /** The same, 1 at most. */
    public static final class ToShare implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            Limit limit = new ToLimit().convert(text);
            if (limit.value().orElse(0) > 1) {
                throw new TypeConversionException(Escape.quote(text) + " is above 1, expected a share");
            }
            return limit;
        }
    }

    /** A percentage that is not negative, or {@code off}. */
    public static final class ToDistance implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            return limit(text, Limit::share, "is neither a percentage, as 2%, nor off");
        }
    }

    private static Limit limit(String text, Function<String, Double> number, String otherwise) {
        if (text.equals(OFF)) {
            return new Limit(OptionalDouble.empty());
        }
        try {
            double value = number.apply(text);
            if (value >= 0 && value < Double.POSITIVE_INFINITY) {
                requireLargeEnough(text, value);
                return new Limit(OptionalDouble.of(value));
            }
            if (value < 0) {
                throw new TypeConversionException(Escape.quote(text) + " is below 0");
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new TypeConversionException(Escape.quote(text) + " " + otherwise);
    }

    private static void requireLargeEnough(String text, double value) {
        try {
            Numbers.requireLargeEnough(text, value);
        } catch (IllegalArgumentException wrong) {
            throw new TypeConversionException(wrong.getMessage());
        }
    }

    private static double share(String text) {
        if (!text.endsWith("%")) {
            throw new NumberFormatException(text);
        }
        return Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
    }
}
