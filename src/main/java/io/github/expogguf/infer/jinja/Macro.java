package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.syntax.Node;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.MacroValue;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Undefined;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A macro, or the body of a call block, which has no name. */
record Macro(
        @Nullable String name,
        Node.Parameters parameters,
        List<Node> body,
        Scopes.MacroScope scope,
        Frame frame,
        Runner runner)
        implements MacroValue {

    /** Runs the body with the values of the parameters; those that are MISSING get their defaults. */
    @FunctionalInterface
    interface Runner {
        String run(Macro macro, Map<String, @Nullable Object> arguments) throws JinjaException;
    }

    @Override
    public String repr() {
        return "<Macro " + (name == null ? "anonymous" : Repr.of(name)) + ">";
    }

    @Override
    public @Nullable Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        List<String> names = parameters.names();
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(named);
        Map<String, @Nullable Object> arguments = new HashMap<>();
        boolean callerFound = positional.size() >= names.size() && names.contains("caller");
        for (int i = 0; i < names.size(); i++) {
            String parameter = names.get(i);
            if (i < positional.size()) {
                arguments.put(parameter, positional.get(i));
            } else {
                callerFound |= parameter.equals("caller");
                arguments.put(parameter, rest.containsKey(parameter) ? rest.remove(parameter) : Context.MISSING);
            }
        }
        if (scope.caller() && !callerFound) {
            Object caller = rest.remove("caller");
            arguments.put("caller", caller == null ? Undefined.because("No caller defined") : caller);
        }
        if (scope.named()) {
            PyDict more = new PyDict();
            rest.forEach(more::put);
            arguments.put("kwargs", more);
        } else if (!rest.isEmpty()) {
            throw JinjaException.type(
                    rest.containsKey("caller")
                            ? "macro " + shownName() + " was invoked with two values for the special caller argument."
                                    + " This is most likely a bug."
                            : "macro " + shownName() + " takes no keyword argument "
                                    + Repr.of(rest.keySet().iterator().next()));
        }
        if (scope.more()) {
            boolean some = positional.size() > names.size();
            arguments.put(
                    "varargs", some ? new PyTuple(positional.subList(names.size(), positional.size())) : PyTuple.EMPTY);
        } else if (positional.size() > names.size()) {
            throw JinjaException.type("macro " + shownName() + " takes not more than " + names.size() + " argument(s)");
        }
        return runner.run(this, arguments);
    }

    private String shownName() {
        return name == null ? "None" : Repr.of(name);
    }

    @Override
    public @Nullable Object member(String member) {
        return switch (member) {
            case "name" -> name;
            case "arguments" -> new PyTuple(parameters.names());
            case "catch_kwargs" -> scope.named();
            case "catch_varargs" -> scope.more();
            case "caller" -> scope.caller();
            case "explicit_caller" -> parameters.names().contains("caller");
            default -> Sentinel.NO_MEMBER;
        };
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
