package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.DictView;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Work;
import org.jspecify.annotations.Nullable;

/** The methods of dicts that do not change them. */
final class DictMethods {

    private DictMethods() {}

    static @Nullable Object get(PyDict dict, String name, Work work) {
        return switch (name) {
            case "keys" -> view(dict, name, DictView.Kind.KEYS);
            case "values" -> view(dict, name, DictView.Kind.VALUES);
            case "items" -> view(dict, name, DictView.Kind.ITEMS);
            case "get" ->
                Function.builtin((args, named) -> {
                    Arity.between(1, 2, "dict", "get", args, named);
                    PyDict.Entry entry = dict.get(args.getFirst(), work);
                    return entry != null ? entry.value() : args.size() > 1 ? args.get(1) : null;
                });
            case "copy" ->
                Function.builtin((args, named) -> {
                    Arity.none("dict", name, args, named);
                    work.chargeObjects(2L * dict.size());
                    PyDict copy = new PyDict();
                    copy.putAll(dict);
                    return copy;
                });
            case "fromkeys" -> UnknownMethod.of(dict, name);
            default -> Sentinel.NO_MEMBER;
        };
    }

    private static Function view(PyDict dict, String name, DictView.Kind kind) {
        return Function.builtin((args, named) -> {
            Arity.none("dict", name, args, named);
            return new DictView(dict, kind);
        });
    }
}
