package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** A macro as other values see it; what runs it is no value. */
public interface MacroValue extends Callable, OwnRepr {

    @Override
    default String typeName() {
        return "Macro";
    }

    @Override
    default String module() {
        return "jinja2.runtime.";
    }

    @Nullable
    Object member(String member);
}
