package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Operators;
import io.github.expogguf.infer.jinja.method.PercentFormat;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.NumberText;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.RealText;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Filters that make or round numbers. */
final class NumberFilters {

    private static final int MAX_DECIMALS = 400; // beyond what a double can hold

    private NumberFilters() {}

    static void addTo(FilterTable filters) {
        filters.add("int", Signature.of("do_int", "value", "default?", "base?"), NumberFilters::toInt);
        filters.add("float", Signature.of("do_float", "value", "default?"), NumberFilters::toFloat);
        filters.add("abs", Signature.of("abs", "x"), NumberFilters::absolute);
        filters.add("round", Signature.of("do_round", "value", "precision?", "method?"), NumberFilters::round);
        filters.add("filesizeformat", Signature.of("do_filesizeformat", "value", "binary?"), NumberFilters::fileSize);
    }

    /** Whether Python's do_int and do_float take an error for "not a number". */
    private static boolean isConversion(JinjaException e) {
        return e.kind() == JinjaException.Kind.TYPE || e.kind() == JinjaException.Kind.VALUE;
    }

    private static @Nullable Object toInt(Signature.Bound a, Work work) throws JinjaException {
        Object value = a.get(0);
        chargeText(value, work);
        try {
            if (Types.isString(value)) {
                return NumberText.integer(Types.string(value), PyNumbers.index(a.get(2, 10L)));
            }
            return integer(value);
        } catch (JinjaException e) {
            if (!isConversion(e)) {
                throw e;
            }
        }
        try {
            return integer(real(value));
        } catch (JinjaException e) {
            if (!isConversion(e)) {
                throw e;
            }
            return a.get(1, 0L);
        }
    }

    private static @Nullable Object integer(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case Double real -> PyNumbers.integer(PercentFormat.whole(real));
            case Undefined undefined -> throw undefined.error();
            case Object number when Types.isInteger(number) -> PyNumbers.integer(PyNumbers.big(number));
            case null, default ->
                throw JinjaException.type("int() argument must be a string, a bytes-like object or a"
                        + " real number, not '" + Types.name(value) + "'");
        };
    }

    private static double real(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case Undefined undefined -> throw undefined.error();
            case Object number when Types.isNumber(number) -> PyNumbers.real(number);
            case Object text when Types.isString(text) -> NumberText.real(Types.string(text));
            case null, default ->
                throw JinjaException.type(
                        "float() argument must be a string or a real number, not '" + Types.name(value) + "'");
        };
    }

    private static void chargeText(@Nullable Object value, Work work) throws JinjaException {
        if (Types.isString(value)) {
            work.charge(Work.MAPPING * (long) Types.string(value).length());
        }
    }

    private static @Nullable Object toFloat(Signature.Bound a, Work work) throws JinjaException {
        chargeText(a.get(0), work);
        try {
            return real(a.get(0));
        } catch (JinjaException e) {
            if (!isConversion(e)) {
                throw e;
            }
            return a.get(1, 0.0);
        }
    }

    private static @Nullable Object absolute(Signature.Bound a, Work work) throws JinjaException {
        Object value = a.get(0);
        if (!Types.isNumber(value)) {
            throw JinjaException.type("bad operand type for abs(): '" + Types.name(value) + "'");
        }
        return value instanceof Double real
                ? (Object) Math.abs(real)
                : PyNumbers.integer(PyNumbers.big(value).abs());
    }

    private static @Nullable Object round(Signature.Bound a, Work work) throws JinjaException {
        Object value = a.get(0);
        Object precision = a.get(1, 0L);
        Object method = a.get(2, "common");
        boolean common = Comparison.areEqual(method, "common", work);
        boolean ceil = Comparison.areEqual(method, "ceil", work);
        if (!common && !ceil && !Comparison.areEqual(method, "floor", work)) {
            throw JinjaException.other("method must be common, ceil or floor");
        }
        if (common) {
            work.chargeObjects(Work.MAPPING);
            return rounded(value, precision);
        }
        Object factor = PyNumbers.power(10L, numeric(precision), work);
        Object whole = switch (Objects.requireNonNull(Operators.binary("*", value, factor, work))) {
            case Double scaled -> PyNumbers.integer(PercentFormat.whole(ceil ? Math.ceil(scaled) : Math.floor(scaled)));
            case Object scaled when Types.isInteger(scaled) -> scaled;
            case Object other -> throw JinjaException.type("must be real number, not " + Types.name(other));
        };
        return PyNumbers.divide(whole, factor);
    }

    private static @Nullable Object numeric(@Nullable Object value) throws JinjaException {
        if (!Types.isNumber(value)) {
            throw JinjaException.type(
                    "unsupported operand type(s) for ** or pow(): 'int' and '" + Types.name(value) + "'");
        }
        return value;
    }

    private static @Nullable Object rounded(@Nullable Object value, @Nullable Object precision) throws JinjaException {
        if (!Types.isNumber(value)) {
            throw JinjaException.type("type " + Types.name(value) + " doesn't define __round__ method");
        }
        if (precision == null) {
            double whole = Math.rint(PyNumbers.real(value));
            return value instanceof Double ? PyNumbers.integer(PercentFormat.whole(whole)) : value;
        }
        long digits = Math.clamp(PyNumbers.index(precision), -MAX_DECIMALS, MAX_DECIMALS);
        if (value instanceof Double real) {
            if (Double.isNaN(real) || Double.isInfinite(real)) {
                return real;
            }
            double result = new BigDecimal(real)
                    .setScale((int) digits, RoundingMode.HALF_EVEN)
                    .doubleValue();
            return result == 0 ? Math.copySign(0.0, real) : result;
        }
        BigInteger whole = PyNumbers.big(value);
        return digits >= 0
                ? PyNumbers.integer(whole)
                : PyNumbers.integer(new BigDecimal(whole)
                        .setScale((int) digits, RoundingMode.HALF_EVEN)
                        .toBigInteger());
    }

    private static @Nullable Object fileSize(Signature.Bound a, Work work) throws JinjaException {
        double bytes = real(a.get(0));
        boolean binary = Types.isTrue(a.get(1, false));
        long base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return PercentFormat.whole(bytes) + " Bytes";
        }
        String[] prefixes = binary
                ? new String[] {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
                : new String[] {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
        int i = 0;
        BigDecimal unit = BigDecimal.valueOf(base).pow(2, MathContext.UNLIMITED);
        while (i < prefixes.length - 1 && !(bytes < unit.doubleValue())) {
            unit = unit.multiply(BigDecimal.valueOf(base));
            i++;
        }
        String size = RealText.of(base * bytes / unit.doubleValue(), 'f', 1, false);
        return size + " " + prefixes[i];
    }
}
