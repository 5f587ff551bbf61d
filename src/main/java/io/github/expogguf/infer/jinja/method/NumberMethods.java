package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** The attributes and methods of ints, floats and ranges. */
final class NumberMethods {

    private NumberMethods() {}

    static @Nullable Object get(@Nullable Object number, String name) {
        return number instanceof Double real ? ofFloat(real, name) : ofInt(number, name);
    }

    private static @Nullable Object ofInt(@Nullable Object number, String name) {
        BigInteger value = PyNumbers.big(number);
        return switch (name) {
            case "real", "numerator" -> PyNumbers.integer(value);
            case "imag" -> 0L;
            case "denominator" -> 1L;
            case "conjugate" -> method("int", name, PyNumbers.integer(value));
            case "bit_length" -> method("int", name, (long) value.abs().bitLength());
            case "bit_count" -> method("int", name, (long) value.abs().bitCount());
            case "as_integer_ratio" -> method("int", name, PyTuple.of(PyNumbers.integer(value), 1L));
            case "from_bytes", "to_bytes" -> UnknownMethod.of(number, name);
            default -> Sentinel.NO_MEMBER;
        };
    }

    private static @Nullable Object ofFloat(double number, String name) {
        return switch (name) {
            case "real" -> number;
            case "imag" -> 0.0;
            case "conjugate" -> method("float", name, number);
            case "is_integer" -> method("float", name, number == Math.rint(number) && !Double.isInfinite(number));
            case "as_integer_ratio", "fromhex", "hex" -> UnknownMethod.of(number, name);
            default -> Sentinel.NO_MEMBER;
        };
    }

    private static Function method(String type, String name, @Nullable Object result) {
        return Function.builtin((args, named) -> {
            Arity.none(type, name, args, named);
            return result;
        });
    }

    static @Nullable Object get(PyRange range, String name, Work work) {
        return switch (name) {
            case "start" -> range.start();
            case "stop" -> range.stop();
            case "step" -> range.step();
            case "count" ->
                Function.builtin((args, named) -> {
                    Arity.one("range", name, args, named);
                    return Comparison.contains(range, args.getFirst(), work) ? 1L : 0L;
                });
            case "index" ->
                Function.builtin((args, named) -> {
                    Arity.one("range", name, args, named);
                    if (args.getFirst() instanceof Long number && range.contains(number)) {
                        return (number - range.start()) / range.step();
                    }
                    throw JinjaException.value(Repr.of(args.getFirst(), work) + " is not in range");
                });
            default -> Sentinel.NO_MEMBER;
        };
    }
}
