package io.github.expogguf.infer.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Arithmetic on the ints and floats of Python. Ints grow, up to a bound. */
public final class PyNumbers {

    private static final int MAX_BITS = 1 << 16;
    private static final int MAX_DIGITS = 4300; // sys.int_info.default_max_str_digits of Python 3.11
    private static final long MAX_EXACT = 1L << 53;
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private PyNumbers() {}

    /** An int as this package holds it. */
    public static Object integer(BigInteger number) {
        boolean fits = number.compareTo(LEAST) >= 0 && number.compareTo(MOST) <= 0;
        return fits ? (Object) number.longValue() : number;
    }

    public static BigInteger big(@Nullable Object integer) {
        return switch (Objects.requireNonNull(integer)) {
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            case Long number -> BigInteger.valueOf(number);
            case Object number -> (BigInteger) number;
        };
    }

    public static double real(@Nullable Object number) throws JinjaException {
        double value = switch (Objects.requireNonNull(number)) {
            case Double real -> real;
            case Boolean truth -> truth ? 1 : 0;
            case Long integer -> integer;
            case Object integer -> ((BigInteger) integer).doubleValue();
        };
        if (Double.isInfinite(value) && number instanceof BigInteger) {
            throw JinjaException.other("int too large to convert to float");
        }
        return value;
    }

    /** An int that fits into a long. */
    public static long small(@Nullable Object integer) throws JinjaException {
        return switch (Objects.requireNonNull(integer)) {
            case Boolean truth -> truth ? 1 : 0;
            case Long number -> number;
            default -> throw JinjaException.limit("an integer of more than 64 bits where a size or place is expected");
        };
    }

    /** The argument of a function that takes ints only. */
    public static long index(@Nullable Object value) throws JinjaException {
        if (!Types.isInteger(value)) {
            throw JinjaException.type("'" + Types.name(value) + "' object cannot be interpreted as an integer");
        }
        return small(value);
    }

    public static String text(@Nullable Object integer, Work work) throws JinjaException {
        if (!(integer instanceof BigInteger number)) {
            return Long.toString(small(integer));
        }
        work.charge(4L * number.bitLength());
        String text = number.toString();
        if (text.length() - (number.signum() < 0 ? 1 : 0) > MAX_DIGITS) {
            throw JinjaException.value("Exceeds the limit (" + MAX_DIGITS + " digits) for integer string conversion");
        }
        return text;
    }

    /** An int from at most {@link #MAX_DIGITS} digits. */
    public static Object parse(String digits, int radix) throws JinjaException {
        if (digits.length() > MAX_DIGITS) {
            throw JinjaException.value("Exceeds the limit (" + MAX_DIGITS
                    + " digits) for integer string conversion: value has " + digits.length()
                    + " digits; use sys.set_int_max_str_digits() to increase the limit");
        }
        return integer(new BigInteger(digits, radix));
    }

    public static Object add(@Nullable Object left, @Nullable Object right) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            return real(left) + real(right);
        }
        if (left instanceof Long a && right instanceof Long b) {
            long sum = a + b;
            if (((a ^ sum) & (b ^ sum)) >= 0) {
                return sum;
            }
        }
        return bounded(big(left).add(big(right)));
    }

    public static Object subtract(@Nullable Object left, @Nullable Object right) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            return real(left) - real(right);
        }
        return bounded(big(left).subtract(big(right)));
    }

    public static Object multiply(@Nullable Object left, @Nullable Object right, Work work) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            return real(left) * real(right);
        }
        BigInteger a = big(left);
        BigInteger b = big(right);
        chargeProduct(a.bitLength(), b.bitLength(), work);
        return bounded(a.multiply(b));
    }

    private static void chargeProduct(long leftBits, long rightBits, Work work) throws JinjaException {
        work.charge((leftBits / 32) * (rightBits / 32) / 8);
    }

    private static Object bounded(BigInteger number) throws JinjaException {
        if (number.bitLength() > MAX_BITS) {
            throw JinjaException.limit("an integer of more than " + MAX_BITS + " bits");
        }
        return integer(number);
    }

    public static Object divide(@Nullable Object left, @Nullable Object right) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            if (real(right) == 0) {
                throw JinjaException.other("float division by zero");
            }
            return real(left) / real(right);
        }
        if (big(right).signum() == 0) {
            throw JinjaException.other("division by zero");
        }
        if (big(left).signum() == 0) {
            return big(right).signum() < 0 ? -0.0 : 0.0; // as CPython's long_true_divide
        }
        // 40 digits, then rounded to the nearest double
        double quotient = new BigDecimal(big(left))
                .divide(new BigDecimal(big(right)), new MathContext(40))
                .doubleValue();
        if (Double.isInfinite(quotient)) {
            throw JinjaException.other("integer division result too large for a float");
        }
        return quotient;
    }

    public static Object floorDivide(@Nullable Object left, @Nullable Object right, Work work) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            double divisor = real(right);
            if (divisor == 0) {
                throw JinjaException.other("float floor division by zero");
            }
            return floorQuotient(real(left), divisor);
        }
        return divideInts(left, right, work, "integer division or modulo by zero")[0];
    }

    /** float_floor_div of CPython's floatobject.c. */
    private static double floorQuotient(double left, double right) {
        double remainder = left % right;
        double quotient = (left - remainder) / right;
        if (remainder != 0 && right < 0 != remainder < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0, left / right);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    public static Object modulo(@Nullable Object left, @Nullable Object right, Work work) throws JinjaException {
        if (left instanceof Double || right instanceof Double) {
            double divisor = real(right);
            if (divisor == 0) {
                throw JinjaException.other("float modulo");
            }
            double remainder = real(left) % divisor;
            if (remainder == 0) {
                return Math.copySign(0, divisor);
            }
            return divisor < 0 != remainder < 0 ? remainder + divisor : remainder;
        }
        return divideInts(left, right, work, "integer modulo by zero")[1];
    }

    private static Object[] divideInts(@Nullable Object left, @Nullable Object right, Work work, String byZero)
            throws JinjaException {
        BigInteger a = big(left);
        BigInteger b = big(right);
        if (b.signum() == 0) {
            throw JinjaException.other(byZero);
        }
        chargeProduct(a.bitLength(), b.bitLength(), work);
        BigInteger[] parts = a.divideAndRemainder(b);
        if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
            parts[0] = parts[0].subtract(BigInteger.ONE);
            parts[1] = parts[1].add(b);
        }
        return new Object[] {integer(parts[0]), integer(parts[1])};
    }

    public static Object power(@Nullable Object base, @Nullable Object exponent, Work work) throws JinjaException {
        if (base instanceof Double
                || exponent instanceof Double
                || big(exponent).signum() < 0) {
            return realPower(base, exponent);
        }
        BigInteger number = big(base);
        BigInteger times = big(exponent);
        boolean small = number.bitLength() <= 1 && number.abs().compareTo(BigInteger.ONE) <= 0;
        if (small) {
            boolean odd = times.testBit(0);
            return times.signum() == 0 ? 1L : number.signum() == 0 ? 0L : number.signum() > 0 || !odd ? 1L : -1L;
        }
        if (times.bitLength() > 31 || (long) number.bitLength() * times.intValue() > 2L * MAX_BITS) {
            throw JinjaException.limit("an integer of more than " + MAX_BITS + " bits");
        }
        long bits = (long) number.bitLength() * times.intValue();
        chargeProduct(bits, bits, work);
        return bounded(number.pow(times.intValue()));
    }

    private static Object realPower(@Nullable Object base, @Nullable Object exponent) throws JinjaException {
        double number = real(base);
        double power = real(exponent);
        if (number == 0 && power < 0) {
            throw JinjaException.other("0.0 cannot be raised to a negative power");
        }
        if (number < 0 && !Double.isInfinite(number) && power != Math.rint(power)) {
            throw JinjaException.unsupported(
                    "the complex number " + FloatText.of(number) + " ** " + FloatText.of(power));
        }
        double result =
                number == 1 || (Math.abs(number) == 1 && Double.isInfinite(power)) ? 1 : Math.pow(number, power);
        if (Double.isInfinite(result) && !Double.isInfinite(number) && !Double.isInfinite(power)) {
            throw JinjaException.other("(34, 'Numerical result out of range')");
        }
        return result;
    }

    public static Object negate(@Nullable Object number) throws JinjaException {
        return number instanceof Double real
                ? (Object) (-real)
                : bounded(big(number).negate());
    }

    /** Whether Python writes it with a minus. */
    public static boolean isSigned(@Nullable Object value) {
        return value instanceof Double real
                ? Math.copySign(1, real) < 0 && !real.isNaN()
                : Types.isInteger(value) && big(value).signum() < 0;
    }

    /** As exact numbers; neither is NaN. */
    static int compare(@Nullable Object left, @Nullable Object right) throws JinjaException {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (isExact(left) && isExact(right)) {
            return Double.compare(real(left) + 0.0, real(right) + 0.0); // without a negative zero
        }
        if (isInfinite(left) || isInfinite(right)) {
            return Double.compare(sign(left), sign(right));
        }
        return decimal(left).compareTo(decimal(right));
    }

    /** Whether a float holds it without rounding; most ints. */
    private static boolean isExact(@Nullable Object number) {
        return number instanceof Boolean
                || number instanceof Double
                || (number instanceof Long integer && Math.abs(integer) <= MAX_EXACT && integer != Long.MIN_VALUE);
    }

    private static double sign(@Nullable Object number) {
        return number instanceof Double real && Double.isInfinite(real) ? real : 0;
    }

    private static boolean isInfinite(@Nullable Object number) {
        return number instanceof Double real && Double.isInfinite(real);
    }

    static boolean isNan(@Nullable Object number) {
        return number instanceof Double real && real.isNaN();
    }

    static BigDecimal decimal(@Nullable Object number) {
        return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(big(number));
    }
}
