package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.Cycler;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Joiner;
import io.github.expogguf.infer.jinja.value.Namespace;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that every template has: those of jinja2's default environment, and two of transformers. */
final class Globals {

    private static final Signature RAISE = Signature.of("raise_exception", "message");
    private static final Signature NOW = Signature.of("strftime_now", "format");
    private static final Signature JOINER = Signature.of("Joiner.__init__", "self", "sep?");

    private Globals() {}

    static Map<String, @Nullable Object> of(ZonedDateTime now, Work work) {
        Map<String, @Nullable Object> globals = new HashMap<>();
        globals.put("range", Function.function(Globals::range));
        globals.put("dict", Function.type((args, named) -> dict("dict", args, named, work)));
        globals.put("namespace", Function.type((args, named) -> {
            Namespace namespace = new Namespace();
            namespace.members().putAll(dict("dict", args, named, work));
            return namespace;
        }));
        globals.put("cycler", Function.type((args, named) -> {
            if (!named.isEmpty()) {
                throw JinjaException.type("Cycler.__init__() got an unexpected keyword argument "
                        + Repr.of(named.keySet().iterator().next()));
            }
            if (args.isEmpty()) {
                throw JinjaException.other("at least one item has to be provided");
            }
            return new Cycler(args);
        }));
        globals.put(
                "joiner",
                Function.type((args, named) ->
                        new Joiner(JOINER.bindMethod(args, named).get(1, ", "))));
        globals.put("lipsum", Function.function((args, named) -> {
            throw JinjaException.unsupported("the function 'lipsum'");
        }));
        globals.put("raise_exception", Function.function((args, named) -> {
            throw JinjaException.raised(Text.of(RAISE.bind(args, named).get(0), work));
        }));
        globals.put("strftime_now", Function.function((args, named) -> {
            Object format = NOW.bind(args, named).get(0);
            if (!Types.isString(format)) {
                throw JinjaException.type("strftime() argument 1 must be str, not " + Types.name(format));
            }
            return Strftime.format(Types.string(format), now, work);
        }));
        return globals;
    }

    private static @Nullable Object range(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        if (!named.isEmpty()) {
            throw JinjaException.type("safe_range() got an unexpected keyword argument "
                    + Repr.of(named.keySet().iterator().next()));
        }
        if (args.isEmpty()) {
            throw JinjaException.type("range expected at least 1 argument, got 0");
        }
        if (args.size() > 3) {
            throw JinjaException.type("range expected at most 3 arguments, got " + args.size());
        }
        long first = PyNumbers.index(args.getFirst());
        if (args.size() == 1) {
            return PyRange.of(0, first, 1);
        }
        return PyRange.of(first, PyNumbers.index(args.get(1)), args.size() == 3 ? PyNumbers.index(args.get(2)) : 1);
    }

    /** {@code dict(mapping or pairs, name=value)}. */
    private static PyDict dict(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named, Work work)
            throws JinjaException {
        if (args.size() > 1) {
            throw JinjaException.type(name + " expected at most 1 argument, got " + args.size());
        }
        if (!args.isEmpty() && args.getFirst() instanceof Undefined undefined) {
            throw undefined.error();
        }
        PyDict dict = new PyDict();
        if (!args.isEmpty() && args.getFirst() instanceof PyDict other) {
            work.chargeObjects(2L * other.size());
            dict.putAll(other);
        } else if (!args.isEmpty()) {
            addPairs(args.getFirst(), dict, work);
        }
        named.forEach(dict::put);
        return dict;
    }

    private static void addPairs(@Nullable Object pairs, PyDict dict, Work work) throws JinjaException {
        List<@Nullable Object> all = Iteration.list(pairs, work);
        for (int i = 0; i < all.size(); i++) {
            if (!Types.isIterable(all.get(i))) {
                throw JinjaException.type("cannot convert dictionary update sequence element #" + i + " to a sequence");
            }
            List<@Nullable Object> pair = Iteration.list(all.get(i), work);
            if (pair.size() != 2) {
                throw JinjaException.value(
                        "dictionary update sequence element #" + i + " has length " + pair.size() + "; 2 is required");
            }
            dict.put(pair.get(0), pair.get(1), work);
        }
    }
}
