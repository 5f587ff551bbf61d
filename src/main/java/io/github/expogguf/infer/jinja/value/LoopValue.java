package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** The variable {@code loop} as other values see it; what goes through the items is no value. */
public interface LoopValue extends Callable, Sized, OwnRepr {

    @Override
    default String typeName() {
        return "LoopContext";
    }

    @Override
    default String module() {
        return "jinja2.runtime.";
    }

    @Nullable
    Object member(String member) throws JinjaException;
}
