package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The arithmetic operators of templates. */
public final class Operators {

    private Operators() {}

    public static @Nullable Object binary(String operator, @Nullable Object left, @Nullable Object right, Work work)
            throws JinjaException {
        work.charge(1 + bits(left) + bits(right));
        if (Types.isNumber(left) && Types.isNumber(right)) {
            return switch (operator) {
                case "+" -> PyNumbers.add(left, right);
                case "-" -> PyNumbers.subtract(left, right);
                case "*" -> PyNumbers.multiply(left, right, work);
                case "/" -> PyNumbers.divide(left, right);
                case "//" -> PyNumbers.floorDivide(left, right, work);
                case "%" -> PyNumbers.modulo(left, right, work);
                case "**" -> PyNumbers.power(left, right, work);
                default -> throw new IllegalStateException(operator);
            };
        }
        if (left instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (operator.equals("%") && Types.isString(left)) {
            return PercentFormat.format(left, right, work);
        }
        if (right instanceof Undefined undefined) {
            throw undefined.error();
        }
        return switch (operator) {
            case "+" -> concatenation(left, right, work);
            case "*" -> repetition(left, right, work);
            default -> throw unsupported(operator, left, right);
        };
    }

    /** What an int costs beyond 64 bits. */
    private static long bits(@Nullable Object value) {
        return value instanceof BigInteger number ? number.bitLength() : 0;
    }

    private static JinjaException unsupported(String operator, @Nullable Object left, @Nullable Object right) {
        String name = operator.equals("**") ? "** or pow()" : operator;
        return JinjaException.type("unsupported operand type(s) for " + name + ": '" + Types.name(left) + "' and '"
                + Types.name(right) + "'");
    }

    private static @Nullable Object concatenation(@Nullable Object left, @Nullable Object right, Work work)
            throws JinjaException {
        if (Types.isString(left) && Types.isString(right)) {
            if (left instanceof String first && right instanceof String second) {
                return joined(first, second, work);
            }
            return new Markup(joined(
                    Text.escaped(left, work).text(), Text.escaped(right, work).text(), work));
        }
        if (left instanceof PyList first && right instanceof PyList second) {
            return new PyList(joined(first.items(), second.items(), work));
        }
        if (left instanceof PyTuple first && right instanceof PyTuple second) {
            return new PyTuple(joined(first.items(), second.items(), work));
        }
        if (Types.isString(left) || left instanceof Sequence) {
            String kind = Types.isString(left) ? "str" : Types.name(left);
            throw JinjaException.type(
                    "can only concatenate " + kind + " (not \"" + Types.name(right) + "\") to " + kind);
        }
        throw unsupported("+", left, right);
    }

    private static String joined(String first, String second, Work work) throws JinjaException {
        work.charge((long) first.length() + second.length());
        return first + second;
    }

    private static List<@Nullable Object> joined(List<@Nullable Object> first, List<@Nullable Object> second, Work work)
            throws JinjaException {
        work.chargeObjects((long) first.size() + second.size());
        List<@Nullable Object> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static @Nullable Object repetition(@Nullable Object left, @Nullable Object right, Work work)
            throws JinjaException {
        boolean isLeft = isRepeatable(left);
        if (!isLeft && !isRepeatable(right)) {
            throw unsupported("*", left, right);
        }
        Object sequence = isLeft ? left : right;
        Object count = isLeft ? right : left;
        if (!Types.isInteger(count)) {
            throw JinjaException.type("can't multiply sequence by non-int of type '" + Types.name(count) + "'");
        }
        long times = PyNumbers.small(count);
        return switch (Objects.requireNonNull(sequence)) {
            case String text -> Strings.repeat(text, times, work);
            case Markup markup -> new Markup(Strings.repeat(markup.text(), times, work));
            case PyList list -> new PyList(repeated(list.items(), times, work));
            case Object tuple -> new PyTuple(repeated(((PyTuple) tuple).items(), times, work));
        };
    }

    private static boolean isRepeatable(@Nullable Object value) {
        return Types.isString(value) || value instanceof Sequence;
    }

    private static List<@Nullable Object> repeated(List<@Nullable Object> items, long times, Work work)
            throws JinjaException {
        if (times <= 0 || items.isEmpty()) {
            return List.of();
        }
        work.chargeObjects(times > Integer.MAX_VALUE ? Long.MAX_VALUE : times * items.size());
        List<@Nullable Object> all = new ArrayList<>((int) times * items.size());
        for (long i = 0; i < times; i++) {
            all.addAll(items);
        }
        return all;
    }

    public static @Nullable Object negative(@Nullable Object value) throws JinjaException {
        checkNumber(value, "-");
        return PyNumbers.negate(value);
    }

    public static @Nullable Object positive(@Nullable Object value) throws JinjaException {
        checkNumber(value, "+");
        return value instanceof Boolean truth ? (Object) (truth ? 1L : 0L) : value;
    }

    private static void checkNumber(@Nullable Object value, String operator) throws JinjaException {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!Types.isNumber(value)) {
            throw JinjaException.type("bad operand type for unary " + operator + ": '" + Types.name(value) + "'");
        }
    }
}
