package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Types;
import org.jspecify.annotations.Nullable;

/** A method that Python has and this package has not: a template may look at it, but not call it. */
final class UnknownMethod {

    private UnknownMethod() {}

    static Function of(@Nullable Object object, String name) {
        return Function.builtin((positional, named) -> {
            throw JinjaException.unsupported("the method '" + name + "' of '" + Types.name(object) + "'");
        });
    }
}
