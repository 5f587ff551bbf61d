package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.RealText;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code text % arguments}: printf-style formatting. */
public final class PercentFormat {

    private final String text;
    private final boolean escaping;
    private final Work work;
    private final @Nullable Object right;
    private final List<@Nullable Object> arguments; // the right side as a tuple
    private final boolean mapping; // the right side may be looked up by keys
    private final StringBuilder result = new StringBuilder();
    private int at;
    private int used;

    private PercentFormat(@Nullable Object left, @Nullable Object right, Work work) {
        this.text = Types.string(left);
        this.escaping = left instanceof Markup;
        this.work = work;
        this.right = right;
        this.arguments = right instanceof PyTuple tuple ? tuple.items() : java.util.Collections.singletonList(right);
        this.mapping = right instanceof PyDict
                || right instanceof PyList
                || right instanceof PyRange
                || right instanceof Undefined;
    }

    public static @Nullable Object format(@Nullable Object left, @Nullable Object right, Work work)
            throws JinjaException {
        PercentFormat format = new PercentFormat(left, right, work);
        format.run();
        String text = format.result.toString();
        return left instanceof Markup ? new Markup(text) : text;
    }

    private void run() throws JinjaException {
        work.charge(text.length());
        while (at < text.length()) {
            int percent = text.indexOf('%', at);
            if (percent < 0) {
                result.append(text, at, text.length());
                break;
            }
            result.append(text, at, percent);
            at = percent + 1;
            if (text.startsWith("%", at)) {
                result.append('%');
                at++;
            } else {
                conversion();
            }
        }
        if (used < arguments.size() && !mapping) {
            throw JinjaException.type("not all arguments converted during string formatting");
        }
    }

    private char next() throws JinjaException {
        if (at >= text.length()) {
            throw JinjaException.value("incomplete format");
        }
        return text.charAt(at++);
    }

    private @Nullable Object nextArgument() throws JinjaException {
        if (used >= arguments.size()) {
            throw JinjaException.type("not enough arguments for format string");
        }
        return arguments.get(used++);
    }

    private void conversion() throws JinjaException {
        Object keyed = null;
        boolean hasKey = false;
        char c = next();
        if (c == '(') {
            keyed = keyed();
            hasKey = true;
            c = next();
        }
        StringBuilder given = new StringBuilder();
        while ("-+ #0".indexOf(c) >= 0) {
            given.append(given.indexOf(String.valueOf(c)) < 0 ? String.valueOf(c) : "");
            c = next();
        }
        at--;
        String flags = given.toString();
        Object width = number(false);
        boolean leftAligned = flags.indexOf('-') >= 0;
        if (width != null && (Long) width < 0) {
            leftAligned = true;
            width = -(Long) width;
        }
        int precision = -1;
        c = next();
        if (c == '.') {
            Object digits = number(true);
            precision = Math.clamp(digits == null ? 0 : (Long) digits, 0, Integer.MAX_VALUE);
            c = next();
        }
        if ("hlL".indexOf(c) >= 0) {
            c = next();
        }
        Object value = hasKey ? keyed : nextArgument();
        write(converted(c, value, flags, precision), flags, width == null ? 0 : (Long) width, leftAligned);
    }

    private @Nullable Object keyed() throws JinjaException {
        if (!mapping) {
            throw JinjaException.type("format requires a mapping");
        }
        int start = at;
        int open = 1;
        while (open > 0) {
            if (at >= text.length()) {
                throw JinjaException.value("incomplete format key");
            }
            char c = text.charAt(at++);
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        used = 1;
        return Items.item(right, text.substring(start, at - 1), work);
    }

    /** A width or precision: digits, or {@code *} for an argument. */
    private @Nullable Object number(boolean isPrecision) throws JinjaException {
        if (text.startsWith("*", at)) {
            at++;
            Object argument = nextArgument();
            if (!Types.isInteger(argument)) {
                throw JinjaException.type("* wants int");
            }
            return PyNumbers.small(argument);
        }
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at - start > 10) {
            throw JinjaException.value(isPrecision ? "precision too big" : "width too big");
        }
        return start == at ? null : (Object) Long.parseLong(text, start, at, 10);
    }

    /** A conversion without its padding: the sign and prefix, and the rest. */
    private record Converted(String prefix, String body, boolean number) {}

    private Converted converted(char type, @Nullable Object value, String flags, int precision) throws JinjaException {
        return switch (type) {
            case 's', 'r', 'a' -> {
                String plain = type == 's' ? Text.of(value, work) : Repr.of(value, work);
                String shown = type == 'a' ? ascii(plain) : plain;
                if (escaping) {
                    shown = type == 's'
                            ? Text.escaped(value, work).text()
                            : Text.escaped(shown, work).text();
                }
                boolean cut = precision >= 0 && precision < Strings.length(shown);
                yield new Converted("", cut ? Strings.slice(shown, 0, precision) : shown, false);
            }
            case 'c' -> new Converted("", character(value), false);
            case 'd', 'i', 'u', 'o', 'x', 'X' -> integer(type, value, flags, precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                double number = PyNumbers.real(realArgument(value));
                work.chargeObjects(Work.MAPPING);
                work.charge(Math.max(0, precision));
                boolean negative = number < 0 || (number == 0 && 1 / number < 0);
                String digits = RealText.of(Math.abs(number), type, precision, flags.indexOf('#') >= 0);
                yield new Converted(sign(negative, flags), digits, true);
            }
            default -> {
                int index = Strings.length(text.substring(0, at - 1));
                int c = text.codePointAt(at - 1);
                throw JinjaException.value("unsupported format character '" + Strings.of(c) + "' (0x"
                        + Integer.toHexString(c) + ") at index " + index);
            }
        };
    }

    static String ascii(String text) {
        StringBuilder result = new StringBuilder();
        text.codePoints().forEach(c -> result.append(c < 0x80 ? Strings.of(c) : Repr.escape(c)));
        return result.toString();
    }

    private static String character(@Nullable Object value) throws JinjaException {
        if (Types.isString(value) && Strings.length(Types.string(value)) == 1) {
            return Types.string(value);
        }
        if (!Types.isInteger(value)) {
            throw JinjaException.type("%c requires int or char");
        }
        return character(PyNumbers.big(value));
    }

    static String character(BigInteger code) throws JinjaException {
        if (code.signum() < 0 || code.bitLength() > 31 || !Character.isValidCodePoint(code.intValue())) {
            throw JinjaException.other("%c arg not in range(0x110000)");
        }
        int c = code.intValue();
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw JinjaException.unsupported("the lone surrogate " + Repr.escape(c));
        }
        return Strings.of(c);
    }

    private static @Nullable Object realArgument(@Nullable Object value) throws JinjaException {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!Types.isNumber(value)) {
            throw JinjaException.type("must be real number, not " + Types.name(value));
        }
        return value;
    }

    private Converted integer(char type, @Nullable Object value, String flags, int precision) throws JinjaException {
        boolean decimal = "diu".indexOf(type) >= 0;
        if (value instanceof Undefined undefined && decimal) {
            throw undefined.error();
        }
        if (!Types.isNumber(value) || (!decimal && value instanceof Double)) {
            throw JinjaException.type("%" + type + " format: " + (decimal ? "a real number" : "an integer")
                    + " is required, not " + Types.name(value));
        }
        BigInteger number = value instanceof Double real ? whole(real) : PyNumbers.big(value);
        int radix = decimal ? 10 : type == 'o' ? 8 : 16;
        work.charge(2L * number.bitLength());
        String digits = decimal
                ? PyNumbers.text(PyNumbers.integer(number.abs()), work)
                : number.abs().toString(radix);
        digits = Strings.repeat("0", precision - digits.length(), work) + digits;
        String prefix = flags.indexOf('#') >= 0 && !decimal ? "0" + type : "";
        String body = type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
        return new Converted(sign(number.signum() < 0, flags) + prefix, body, true);
    }

    public static BigInteger whole(double real) throws JinjaException {
        if (Double.isNaN(real)) {
            throw JinjaException.value("cannot convert float NaN to integer");
        }
        if (Double.isInfinite(real)) {
            throw JinjaException.other("cannot convert float infinity to integer");
        }
        return new BigDecimal(real).toBigInteger();
    }

    private static String sign(boolean negative, String flags) {
        return negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
    }

    private void write(Converted converted, String flags, long width, boolean leftAligned) throws JinjaException {
        long missing = width - converted.prefix().length() - Strings.length(converted.body());
        boolean zeros = converted.number()
                && flags.indexOf('0') >= 0
                && !leftAligned
                && Character.isLetterOrDigit(converted.body().charAt(0));
        String padding = Strings.repeat(zeros ? "0" : " ", missing, work);
        work.charge(converted.body().length());
        result.append(leftAligned || zeros ? "" : padding).append(converted.prefix());
        result.append(zeros ? padding : "").append(converted.body()).append(leftAligned ? padding : "");
    }
}
