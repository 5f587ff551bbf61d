package io.github.expogguf.plan.pair;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Numbers of hyper-parameters as texts, which are equal where the numbers are. */
final class HyperParameterText {

    private HyperParameterText() {}

    /** An array of equal numbers is that number. */
    static String of(double[] numbers) {
        boolean isConstant = numbers.length > 0 && Arrays.stream(numbers).allMatch(number -> number == numbers[0]);
        return isConstant
                ? of(numbers[0])
                : DoubleStream.of(numbers).mapToObj(HyperParameterText::of).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Whole numbers without a fraction, whatever type they have in the file. */
    static String of(double number) {
        return number == Math.rint(number) && Math.abs(number) < 0x1p53
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}
