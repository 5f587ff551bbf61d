package io.github.expogguf.cli.option.value;

import io.github.expogguf.text.Escape;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One word of a list of alphas: a number, or the numbers of a range. */
public record Alphas(List<Float> values) {

    private static final int MAX_VALUES = 1000;

    /** {@code X}, or {@code FROM:TO:STEP} with both ends where the steps meet them. */
    public static final class ToAlphas implements ITypeConverter<Alphas> {
        @Override
        public Alphas convert(String text) {
            String[] parts = text.split(":", -1);
            return switch (parts.length) {
                case 1 -> new Alphas(List.of(Converters.finite(text)));
                case 3 -> range(text, decimal(parts[0]), decimal(parts[1]), decimal(parts[2]));
                default ->
                    throw new TypeConversionException(
                            Escape.quote(text) + " is neither a number nor a range from:to:step, as 0:2:0.25");
            };
        }
    }

    /** All numbers of the words, in their order. */
    public static List<Float> of(List<Alphas> words) {
        return words.stream().flatMap(word -> word.values().stream()).toList();
    }

    /** The one that leads farthest from the SFT model. */
    public static float farthest(List<Float> alphas) {
        return alphas.stream()
                .max(Comparator.comparingDouble(alpha -> Math.abs(1.0 + alpha)))
                .orElseThrow();
    }

    private static Alphas range(String text, BigDecimal from, BigDecimal to, BigDecimal step) {
        if (step.signum() == 0 || to.subtract(from).signum() * step.signum() < 0) {
            throw new TypeConversionException(Escape.quote(text) + ": the step does not lead from "
                    + from.toPlainString() + " to " + to.toPlainString());
        }
        BigDecimal steps = to.subtract(from).divide(step, 0, RoundingMode.DOWN);
        if (steps.compareTo(BigDecimal.valueOf(MAX_VALUES)) >= 0) {
            throw new TypeConversionException(Escape.quote(text) + ": "
                    + steps.add(BigDecimal.ONE).toPlainString() + " alphas, expected at most " + MAX_VALUES);
        }
        return new Alphas(IntStream.rangeClosed(0, steps.intValueExact())
                .mapToObj(i -> from.add(step.multiply(BigDecimal.valueOf(i))).floatValue())
                .toList());
    }

    /** As it is written, so that 0:1:0.1 is ten steps and ends at 1. */
    private static BigDecimal decimal(String text) {
        return new BigDecimal(Float.toString(Converters.finite(text)));
    }
}
