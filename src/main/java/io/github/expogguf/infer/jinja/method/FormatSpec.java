package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.RealText;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import org.jspecify.annotations.Nullable;

/**
 * The mini-language of {@code format(value, specification)}:
 * {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}.
 *
 * @param width     least number of characters
 * @param precision -1 if there is none
 * @param grouping  0, ',' or '_'
 * @param type      0 if there is none
 */
record FormatSpec(
        String fill, char align, char sign, boolean alternate, long width, char grouping, int precision, char type) {

    private static final char NONE = 0;

    /** {@code format(value, specification)}. */
    static String format(@Nullable Object value, String specification, Work work) throws JinjaException {
        boolean formattable = Types.isString(value) || Types.isNumber(value);
        if (specification.isEmpty()) {
            return Text.of(value, work);
        }
        if (!formattable) {
            throw JinjaException.type("unsupported format string passed to " + Types.name(value) + ".__format__");
        }
        FormatSpec spec = parse(specification, value);
        if (Types.isString(value)) {
            return spec.text(Types.string(value), work);
        }
        boolean asFloat = value instanceof Double || (spec.type != NONE && "eEfFgG%".indexOf(spec.type) >= 0);
        return asFloat ? spec.real(PyNumbers.real(value), value, work) : spec.integer(value, work);
    }

    private static FormatSpec parse(String spec, @Nullable Object value) throws JinjaException {
        int at = 0;
        String fill = " ";
        char align = NONE;
        boolean filled = false;
        int first = Character.charCount(spec.codePointAt(0));
        if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
            fill = spec.substring(0, first);
            filled = true;
            align = spec.charAt(first);
            at = first + 1;
        } else if ("<>=^".indexOf(spec.charAt(0)) >= 0) {
            align = spec.charAt(at++);
        }
        char sign = NONE;
        if (at < spec.length() && "+- ".indexOf(spec.charAt(at)) >= 0) {
            sign = spec.charAt(at++);
        }
        boolean alternate = spec.startsWith("#", at);
        at += alternate ? 1 : 0;
        if (!filled && spec.startsWith("0", at)) {
            fill = "0";
            align = align == NONE && Types.isNumber(value) ? '=' : align;
            at++;
        }
        int end = digits(spec, at);
        long width = number(spec, at, end);
        at = end;
        char grouping = NONE;
        if (at < spec.length() && (spec.charAt(at) == ',' || spec.charAt(at) == '_')) {
            grouping = spec.charAt(at++);
        }
        if (at < spec.length() && (spec.charAt(at) == ',' || spec.charAt(at) == '_')) {
            throw JinjaException.value(
                    grouping == spec.charAt(at)
                            ? "Cannot specify '" + grouping + "' with '" + grouping + "'."
                            : "Cannot specify both ',' and '_'.");
        }
        int precision = -1;
        if (spec.startsWith(".", at)) {
            end = digits(spec, at + 1);
            if (end == at + 1) {
                throw JinjaException.value("Format specifier missing precision");
            }
            precision = (int) Math.min(number(spec, at + 1, end), Integer.MAX_VALUE);
            at = end;
        }
        if (spec.length() - at > 1) {
            throw JinjaException.value(
                    "Invalid format specifier '" + spec + "' for object of type '" + Types.name(value) + "'");
        }
        char type = at < spec.length() ? spec.charAt(at) : NONE;
        return new FormatSpec(fill, align, sign, alternate, width, grouping, precision, type);
    }

    private static int digits(String spec, int from) {
        int at = from;
        while (at < spec.length() && spec.charAt(at) >= '0' && spec.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private static long number(String spec, int from, int to) throws JinjaException {
        if (to - from > 18) {
            throw JinjaException.value("Too many decimal digits in format string");
        }
        return from == to ? 0 : Long.parseLong(spec, from, to, 10);
    }

    private JinjaException unknownType(@Nullable Object value) {
        return JinjaException.value(
                "Unknown format code '" + type + "' for object of type '" + Types.name(value) + "'");
    }

    private String text(String text, Work work) throws JinjaException {
        if (type != NONE && type != 's') {
            throw unknownType(text);
        }
        if (sign != NONE) {
            throw JinjaException.value(
                    sign == ' '
                            ? "Space not allowed in string format specifier"
                            : "Sign not allowed in string format specifier");
        }
        if (alternate) {
            throw JinjaException.value("Alternate form (#) not allowed in string format specifier");
        }
        if (align == '=') {
            throw JinjaException.value("'=' alignment not allowed in string format specifier");
        }
        if (grouping != NONE) {
            throw JinjaException.value("Cannot specify '" + grouping + "' with 's'.");
        }
        boolean cut = precision >= 0 && precision < Strings.length(text);
        return pad("", cut ? Strings.slice(text, 0, precision) : text, '<', work);
    }

    private String integer(@Nullable Object value, Work work) throws JinjaException {
        if (precision >= 0) {
            throw JinjaException.value("Precision not allowed in integer format specifier");
        }
        java.math.BigInteger number = PyNumbers.big(value);
        if (type == 'c') {
            if (sign != NONE || alternate) {
                throw JinjaException.value((sign != NONE ? "Sign" : "Alternate form (#)")
                        + " not allowed with integer format specifier 'c'");
            }
            return pad("", PercentFormat.character(number), '<', work);
        }
        int radix = switch (type) {
            case NONE, 'd', 'n' -> 10;
            case 'b' -> 2;
            case 'o' -> 8;
            case 'x', 'X' -> 16;
            default -> throw unknownType(value);
        };
        if ((grouping == ',' && radix != 10) || (grouping != NONE && type == 'n')) {
            throw JinjaException.value("Cannot specify '" + grouping + "' with '" + type + "'.");
        }
        work.charge(2L * number.bitLength());
        String digits = radix == 10
                ? PyNumbers.text(PyNumbers.integer(number.abs()), work)
                : number.abs().toString(radix);
        String prefix = alternate && radix != 10 ? "0" + type : "";
        String body = type == 'X' ? digits.toUpperCase(java.util.Locale.ROOT) : digits;
        return pad(signText(number.signum() < 0) + prefix, group(body, radix == 10 ? 3 : 4), '>', work);
    }

    private String real(double number, @Nullable Object value, Work work) throws JinjaException {
        if (type != NONE && "eEfFgGn%".indexOf(type) < 0) {
            throw unknownType(value);
        }
        work.chargeObjects(Work.MAPPING);
        work.charge(Math.max(0, precision));
        String digits = RealText.of(Math.abs(number), type, precision, alternate);
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        int point = 0;
        while (point < digits.length() && Character.isDigit(digits.charAt(point))) {
            point++;
        }
        String whole = group(digits.substring(0, point), 3);
        return pad(signText(negative), whole + digits.substring(point), '>', work);
    }

    private String signText(boolean negative) {
        return negative ? "-" : sign == NONE || sign == '-' ? "" : String.valueOf(sign);
    }

    private String group(String digits, int size) {
        if (grouping == NONE) {
            return digits;
        }
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            boolean between = i > 0 && (digits.length() - i) % size == 0;
            result.append(between ? String.valueOf(grouping) : "").append(digits.charAt(i));
        }
        return result.toString();
    }

    private String pad(String prefix, String body, char natural, Work work) throws JinjaException {
        long missing = width - prefix.length() - Strings.length(body);
        if (missing <= 0) {
            return prefix + body;
        }
        char side = align == NONE ? natural : align;
        if (side == '=' && fill.equals("0") && grouping != NONE) {
            return groupedZeros(prefix, body, work);
        }
        long before = switch (side) {
            case '>' -> missing;
            case '^' -> missing / 2;
            default -> 0;
        };
        String left = Strings.repeat(fill, before, work);
        String right = Strings.repeat(fill, side == '=' ? missing : missing - before, work);
        return side == '=' ? prefix + right + body : left + prefix + body + right;
    }

    /** Zeros up to the width, with separators among them, too. */
    private String groupedZeros(String prefix, String body, Work work) throws JinjaException {
        work.charge(width);
        int end = 0;
        while (end < body.length() && (Character.isLetterOrDigit(body.charAt(end)) || body.charAt(end) == grouping)) {
            end++;
        }
        String digits = body.substring(0, end).replace(String.valueOf(grouping), "");
        int size = type != NONE && "boxX".indexOf(type) >= 0 ? 4 : 3;
        long room = width - prefix.length() - (body.length() - end);
        long count = digits.length();
        while (count + (count - 1) / size < room) {
            count++;
        }
        digits = Strings.repeat("0", count - digits.length(), work) + digits;
        return prefix + group(digits, size) + body.substring(end);
    }
}
