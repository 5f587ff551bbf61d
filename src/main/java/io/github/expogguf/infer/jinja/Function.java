package io.github.expogguf.infer.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function, or a method of a value, that is not the template's own. */
final class Function implements Callable {

    /** What it does with its arguments. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named) throws JinjaException;
    }

    private final String typeName;
    private final Body body;

    private Function(String typeName, Body body) {
        this.typeName = typeName;
        this.body = body;
    }

    static Function function(Body body) {
        return new Function("function", body);
    }

    static Function type(Body body) {
        return new Function("type", body);
    }

    static Function method(Body body) {
        return new Function("method", body);
    }

    /** A method of a class that is written in Python, with its arguments checked and in order. */
    static Function method(Signature signature, Signature.Body body) {
        return method((positional, named) -> body.call(signature.bind(positional, named)));
    }

    static Function builtin(Body body) {
        return new Function("builtin_function_or_method", body);
    }

    /** With its arguments checked and in order. */
    static Function builtin(Signature signature, Signature.Body body) {
        return builtin((positional, named) -> body.call(signature.bind(positional, named)));
    }

    @Override
    public String typeName() {
        return typeName;
    }

    @Override
    public @Nullable Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        return body.call(positional, named);
    }
}
