package io.github.expogguf.infer.jinja.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Floats with a given number of digits, rounded exactly. */
public final class RealText {

    private static final int MAX_DIGITS = 1100; // no double has more; what follows are zeros

    private RealText() {}

    /**
     * A number that is not negative.
     *
     * @param type      e, E, f, F, g, G, n, % or 0
     * @param precision -1 for the default
     */
    public static String of(double number, char type, int precision, boolean alternate) {
        if (type == '%') {
            return of(number * 100, 'f', precision, alternate) + "%";
        }
        boolean capital = type == 'E' || type == 'F' || type == 'G';
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            String text = Double.isNaN(number) ? "nan" : "inf";
            return capital ? text.toUpperCase(Locale.ROOT) : text;
        }
        String text = switch (type) {
            case 'e', 'E' -> exponent(number, precision < 0 ? 6 : precision, alternate);
            case 'f', 'F' -> fixed(number, precision < 0 ? 6 : precision, alternate);
            case 'g', 'G', 'n' -> general(number, precision < 0 ? 6 : Math.max(precision, 1), alternate, false);
            default -> precision < 0 ? FloatText.of(number) : general(number, Math.max(precision, 1), alternate, true);
        };
        return capital ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(double number, int precision, boolean alternate) {
        int scale = Math.min(precision, MAX_DIGITS);
        String text =
                new BigDecimal(number).setScale(scale, RoundingMode.HALF_EVEN).toPlainString();
        return text + "0".repeat(precision - scale) + (precision == 0 && alternate ? "." : "");
    }

    private static BigDecimal rounded(double number, int digits) {
        return new BigDecimal(number).round(new MathContext(Math.min(digits, MAX_DIGITS), RoundingMode.HALF_EVEN));
    }

    /** The significant digits, filled with zeros. */
    private static String digits(BigDecimal number, int count) {
        String digits = number.unscaledValue().toString();
        return digits.length() >= count ? digits.substring(0, count) : digits + "0".repeat(count - digits.length());
    }

    private static int power(BigDecimal number) {
        return number.signum() == 0 ? 0 : number.precision() - number.scale() - 1;
    }

    private static String exponent(double number, int precision, boolean alternate) {
        BigDecimal decimal = rounded(number, precision + 1);
        String digits = number == 0 ? "0".repeat(precision + 1) : digits(decimal, precision + 1);
        return scientific(digits, power(decimal), alternate);
    }

    private static String scientific(String digits, int power, boolean alternate) {
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : alternate ? "." : "";
        int size = Math.abs(power);
        return digits.charAt(0) + fraction + "e" + (power < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
    }

    /** The shorter of both forms; {@code likeRepr} keeps a digit behind the point. */
    private static String general(double number, int precision, boolean alternate, boolean likeRepr) {
        BigDecimal decimal = rounded(number, precision);
        int power = power(decimal);
        String digits = number == 0 ? "0".repeat(precision) : digits(decimal, precision);
        if (!alternate) {
            digits = digits.replaceFirst("0+$", "");
            digits = digits.isEmpty() ? "0" : digits;
        }
        int limit = likeRepr ? precision - 1 : precision;
        if (power < -4 || power >= limit) {
            return scientific(digits, power, alternate);
        }
        String text;
        if (power < 0) {
            text = "0." + "0".repeat(-power - 1) + digits;
        } else if (digits.length() <= power + 1) {
            text = digits + "0".repeat(power + 1 - digits.length()) + (alternate ? "." : "");
        } else {
            text = digits.substring(0, power + 1) + "." + digits.substring(power + 1);
        }
        return likeRepr && text.indexOf('.') < 0 ? text + ".0" : text;
    }
}
