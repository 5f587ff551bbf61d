package io.github.expogguf.infer.jinja.value;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function, or a method of a value, that is not the template's own. */
public final class Function implements Callable {

    /** What it does with its arguments. */
    @FunctionalInterface
    public interface Body {
        @Nullable
        Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named) throws JinjaException;
    }

    private final String typeName;
    private final Body body;

    private Function(String typeName, Body body) {
        this.typeName = typeName;
        this.body = body;
    }

    public static Function function(Body body) {
        return new Function("function", body);
    }

    public static Function type(Body body) {
        return new Function("type", body);
    }

    public static Function method(Body body) {
        return new Function("method", body);
    }

    /** A method of a class that is written in Python, with its arguments checked and in order. */
    public static Function method(Signature signature, Signature.Body body) {
        return method((positional, named) -> body.call(signature.bind(positional, named)));
    }

    public static Function builtin(Body body) {
        return new Function("builtin_function_or_method", body);
    }

    /** With its arguments checked and in order. */
    public static Function builtin(Signature signature, Signature.Body body) {
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
