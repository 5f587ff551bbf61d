package io.github.expogguf.infer.jinja.value;

/** PyNumbers in texts, as {@code int(text)} and {@code float(text)} read them. */
public final class NumberText {

    private NumberText() {}

    /** {@code int(text, base)}. */
    public static Object integer(String text, long base) throws JinjaException {
        if (base != 0 && (base < 2 || base > 36)) {
            throw JinjaException.value("int() base must be >= 2 and <= 36, or 0");
        }
        String digits = ascii(Characters.strip(text, true, true));
        boolean negative = digits.startsWith("-");
        String unsigned = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        int radix = radix(unsigned, (int) base);
        boolean prefixed = unsigned.length() > 2 && radix(unsigned, 0) == radix && radix != 10;
        String body = prefixed ? unsigned.substring(unsigned.charAt(2) == '_' ? 3 : 2) : unsigned;
        boolean leadingZeros = base == 0 && radix == 10 && body.matches("0[0_]*[1-9].*");
        if (!areDigits(body, radix) || leadingZeros) {
            throw JinjaException.value("invalid literal for int() with base " + base + ": " + Repr.of(text));
        }
        Object number = PyNumbers.parse(body.replace("_", ""), radix);
        return negative ? PyNumbers.negate(number) : number;
    }

    private static int radix(String digits, int base) {
        if (base != 0) {
            return base;
        }
        char mark = digits.length() > 1 && digits.charAt(0) == '0' ? Character.toLowerCase(digits.charAt(1)) : ' ';
        return mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    }

    /** Digits with single underscores between them. */
    private static boolean areDigits(String text, int radix) {
        boolean wasDigit = false;
        for (int i = 0; i < text.length(); i++) {
            boolean isDigit = text.charAt(i) < 0x80 && Character.digit(text.charAt(i), radix) >= 0;
            if (!isDigit && !(text.charAt(i) == '_' && wasDigit)) {
                return false;
            }
            wasDigit = isDigit;
        }
        return wasDigit;
    }

    /** With the digits of all scripts as 0 to 9. */
    private static String ascii(String text) {
        StringBuilder result = new StringBuilder();
        text.codePoints().forEach(c -> result.appendCodePoint(Character.isDigit(c) ? '0' + Character.digit(c, 10) : c));
        return result.toString();
    }

    /** {@code float(text)}. */
    public static double real(String text) throws JinjaException {
        String digits = ascii(Characters.strip(text, true, true));
        String lower = Characters.lower(digits);
        String unsigned = lower.startsWith("-") || lower.startsWith("+") ? lower.substring(1) : lower;
        double sign = lower.startsWith("-") ? -1 : 1;
        return switch (unsigned) {
            case "inf", "infinity" -> sign * Double.POSITIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> {
                if (!isReal(unsigned)) {
                    throw JinjaException.value("could not convert string to float: " + Repr.of(text));
                }
                yield sign * Double.parseDouble(unsigned.replace("_", ""));
            }
        };
    }

    private static boolean isReal(String text) {
        int exponent = text.indexOf('e');
        String mantissa = exponent < 0 ? text : text.substring(0, exponent);
        if (exponent >= 0) {
            String power = text.substring(exponent + 1);
            boolean signed = power.startsWith("-") || power.startsWith("+");
            if (!areDigits(signed ? power.substring(1) : power, 10)) {
                return false;
            }
        }
        int point = mantissa.indexOf('.');
        if (point < 0) {
            return areDigits(mantissa, 10);
        }
        String whole = mantissa.substring(0, point);
        String fraction = mantissa.substring(point + 1);
        return (whole.isEmpty() || areDigits(whole, 10))
                && (fraction.isEmpty() || areDigits(fraction, 10))
                && !(whole.isEmpty() && fraction.isEmpty());
    }
}
