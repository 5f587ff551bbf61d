package io.github.expogguf.text.json;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A number as it is written, of any size.
 *
 * @param text as JSON has numbers, as in {@code -1.50e3}
 */
public record JsonNumber(String text) {

    /** What {@link BigDecimal#scale} may be, so that writing it out does not take all memory. */
    private static final int MAX_SCALE = 9999;

    private static final int SURE_DIGITS = 18; // of a long

    /**
     * Exactly.
     *
     * @throws ArithmeticException if it has so large an exponent that its digits would take all memory
     */
    public BigDecimal decimal() {
        BigDecimal decimal;
        try {
            decimal = new BigDecimal(text);
        } catch (NumberFormatException _) {
            throw new ArithmeticException("the exponent is too large");
        }
        if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
            throw new ArithmeticException("the exponent is too large");
        }
        return decimal;
    }

    /**
     * As Python's {@code json} has it: a whole number of any size, as {@link Long} or {@link BigInteger}, where it has
     * neither a point nor an exponent; a {@link Double} otherwise.
     *
     * @throws ArithmeticException if it is beyond the doubles
     */
    public Number value() {
        if (isWhole()) {
            return text.length() <= SURE_DIGITS ? (Number) Long.valueOf(text) : new BigInteger(text);
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw new ArithmeticException("beyond the doubles");
        }
        return value;
    }

    private boolean isWhole() {
        return text.chars().allMatch(character -> character == '-' || (character >= '0' && character <= '9'));
    }
}
