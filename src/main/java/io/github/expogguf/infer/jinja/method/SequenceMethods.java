package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of lists and tuples. The sandbox withholds those that change a list, all but two. */
final class SequenceMethods {

    private final Sequence sequence;
    private final Work work;

    private SequenceMethods(Sequence sequence, Work work) {
        this.sequence = sequence;
        this.work = work;
    }

    static @Nullable Object get(Sequence sequence, String name, Work work) {
        SequenceMethods methods = new SequenceMethods(sequence, work);
        boolean isList = sequence instanceof PyList;
        int field = sequence instanceof PyTuple tuple ? tuple.names().indexOf(name) : -1;
        if (field >= 0) {
            return sequence.items().get(field);
        }
        return switch (name) {
            case "count" -> Function.builtin(methods::count);
            case "index" -> Function.builtin(methods::index);
            case "copy" -> isList ? Function.builtin(methods::copy) : Sentinel.NO_MEMBER;
            // later versions of jinja2 withhold these, too
            case "pop" -> isList ? Function.builtin(methods::pop) : Sentinel.NO_MEMBER;
            case "clear" -> isList ? Function.builtin(methods::clear) : Sentinel.NO_MEMBER;
            default -> Sentinel.NO_MEMBER;
        };
    }

    private List<@Nullable Object> items() {
        return sequence.items();
    }

    private @Nullable Object count(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.one(Types.name(sequence), "count", args, named);
        long count = 0;
        int size = items().size();
        int at = Comparison.find(items(), args.getFirst(), 0, size, work);
        while (at >= 0) {
            count++;
            at = Comparison.find(items(), args.getFirst(), at + 1, size, work);
        }
        return count;
    }

    private @Nullable Object index(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.between(1, 3, Types.name(sequence), "index", args, named);
        int start = bound(args, 1, 0);
        int end = bound(args, 2, items().size());
        int at = Comparison.find(items(), args.getFirst(), start, end, work);
        if (at >= 0) {
            return (long) at;
        }
        throw JinjaException.value(
                sequence instanceof PyList
                        ? Repr.of(args.getFirst(), work) + " is not in list"
                        : "tuple.index(x): x not in tuple");
    }

    private int bound(List<@Nullable Object> args, int index, int otherwise) throws JinjaException {
        if (args.size() <= index) {
            return otherwise;
        }
        if (!Types.isInteger(args.get(index))) {
            throw JinjaException.type("slice indices must be integers or have an __index__ method");
        }
        long place = PyNumbers.small(args.get(index));
        return Math.clamp(place < 0 ? place + items().size() : place, 0, items().size());
    }

    private @Nullable Object copy(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.none("list", "copy", args, named);
        work.chargeObjects(items().size());
        return new PyList(items());
    }

    private @Nullable Object pop(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.between(0, 1, "list", "pop", args, named);
        long index = args.isEmpty() ? -1 : PyNumbers.index(args.getFirst());
        if (items().isEmpty()) {
            throw JinjaException.lookup("IndexError: pop from empty list");
        }
        long place = index < 0 ? index + items().size() : index;
        if (place < 0 || place >= items().size()) {
            throw JinjaException.lookup("IndexError: pop index out of range");
        }
        work.charge(items().size() / 8);
        return items().remove((int) place);
    }

    private @Nullable Object clear(List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.none("list", "clear", args, named);
        items().clear();
        return null;
    }
}
