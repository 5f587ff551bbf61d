package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Callable;
import io.github.expogguf.infer.jinja.value.Cycler;
import io.github.expogguf.infer.jinja.value.DictView;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Joiner;
import io.github.expogguf.infer.jinja.value.LoopValue;
import io.github.expogguf.infer.jinja.value.MacroValue;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.Namespace;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code object.name}: the methods and attributes of values, and which of them the sandbox withholds. */
public final class Members {

    // what every object of Python has
    private static final Set<String> OF_OBJECTS = Set.of(
            "__class__",
            "__delattr__",
            "__dir__",
            "__doc__",
            "__eq__",
            "__format__",
            "__ge__",
            "__getattribute__",
            "__getstate__",
            "__gt__",
            "__hash__",
            "__init__",
            "__init_subclass__",
            "__le__",
            "__lt__",
            "__ne__",
            "__new__",
            "__reduce__",
            "__reduce_ex__",
            "__repr__",
            "__setattr__",
            "__sizeof__",
            "__str__",
            "__subclasshook__");
    private static final Set<String> OF_CONTAINERS = Set.of("__contains__", "__getitem__", "__iter__", "__len__");
    // jinja2.sandbox, _mutable_spec, of version 3.1.2
    private static final Set<String> LIST_CHANGES = Set.of("append", "reverse", "insert", "sort", "extend", "remove");
    private static final Set<String> DICT_CHANGES = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Members() {}

    /** All but those of {@link FormatMethods}: the member, undefined if withheld, or {@link Sentinel#NO_MEMBER}. */
    static @Nullable Object get(@Nullable Object object, String name, Work work) throws JinjaException {
        if (object instanceof Namespace namespace) {
            PyDict.Entry entry = namespace.members().get(name);
            boolean exists = entry != null || name.equals("__class__");
            return !exists
                    ? Sentinel.NO_MEMBER
                    : name.startsWith("_")
                            ? Undefined.unsafe(object, name)
                            : Objects.requireNonNull(entry).value();
        }
        if (name.startsWith("_")) {
            return isHidden(object, name) ? Undefined.unsafe(object, name) : Sentinel.NO_MEMBER;
        }
        if (isChange(object, name)) {
            return Undefined.unsafe(object, name);
        }
        return switch (object) {
            case null -> Sentinel.NO_MEMBER;
            case String text -> StringMethods.get(text, name, work);
            case Markup markup -> MarkupMethods.get(markup, name, work);
            case PyList list -> SequenceMethods.get(list, name, work);
            case PyTuple tuple -> SequenceMethods.get(tuple, name, work);
            case PyDict dict -> DictMethods.get(dict, name, work);
            case DictView view ->
                name.equals("isdisjoint") || name.equals("mapping")
                        ? UnknownMethod.of(object, name)
                        : Sentinel.NO_MEMBER;
            case PyRange range -> NumberMethods.get(range, name, work);
            case Boolean truth -> NumberMethods.get(truth, name);
            case Long number -> NumberMethods.get(number, name);
            case BigInteger number -> NumberMethods.get(number, name);
            case Double number -> NumberMethods.get(number, name);
            case PyIterator iterator -> ofGenerator(iterator, name);
            case Undefined undefined -> throw undefined.error();
            case MacroValue macro -> macro.member(name);
            case LoopValue loop -> loop.member(name);
            case Cycler cycler -> ofCycler(cycler, name);
            case Joiner joiner ->
                switch (name) {
                    case "sep" -> joiner.separator();
                    case "used" -> joiner.used();
                    default -> Sentinel.NO_MEMBER;
                };
            default -> Sentinel.NO_MEMBER;
        };
    }

    /** Calls a method of a text or markup. */
    public static @Nullable Object call(@Nullable Object text, String name, Work work, @Nullable Object... arguments)
            throws JinjaException {
        Callable method = (Callable) Objects.requireNonNull(get(text, name, work));
        return method.call(Arrays.asList(arguments), Map.of());
    }

    private static boolean isHidden(@Nullable Object object, String name) {
        return OF_OBJECTS.contains(name)
                || (OF_CONTAINERS.contains(name)
                        && (Types.isString(object)
                                || object instanceof Sequence
                                || object instanceof PyDict
                                || object instanceof PyRange));
    }

    private static boolean isChange(@Nullable Object object, String name) {
        return (object instanceof PyList && LIST_CHANGES.contains(name))
                || (object instanceof PyDict && DICT_CHANGES.contains(name));
    }

    private static @Nullable Object ofGenerator(PyIterator iterator, String name) throws JinjaException {
        if (!iterator.typeName().equals("generator")) {
            return Sentinel.NO_MEMBER;
        }
        return switch (name) {
            case "gi_code", "gi_frame" -> Undefined.unsafe(iterator, name);
            case "close", "gi_running", "gi_suspended", "gi_yieldfrom", "send", "throw" ->
                UnknownMethod.of(iterator, name);
            default -> Sentinel.NO_MEMBER;
        };
    }

    private static @Nullable Object ofCycler(Cycler cycler, String name) {
        return switch (name) {
            case "next" -> Function.method(Signature.of("Cycler.next"), arguments -> cycler.next());
            case "reset" -> Function.method(Signature.of("Cycler.reset"), arguments -> cycler.reset());
            case "current" -> cycler.current();
            case "items" -> new PyTuple(cycler.items());
            case "pos" -> (long) cycler.position();
            default -> Sentinel.NO_MEMBER;
        };
    }
}
