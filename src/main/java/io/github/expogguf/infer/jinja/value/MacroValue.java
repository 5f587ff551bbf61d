package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** A macro as other values see it; what runs it is no value. */
public interface MacroValue extends Callable {

    /** Null for the body of a call block. */
    @Nullable
    String name();

    @Nullable
    Object member(String member);
}
