package io.github.expogguf.infer.jinja.value;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code joiner(separator)}: empty at the first call, the separator at every other. */
public final class Joiner implements Callable {

    private static final Signature CALL = Signature.of("Joiner.__call__", "self");

    private final @Nullable Object separator;
    private boolean used;

    public Joiner(@Nullable Object separator) {
        this.separator = separator;
    }

    public @Nullable Object separator() {
        return separator;
    }

    public boolean used() {
        return used;
    }

    @Override
    public String typeName() {
        return "Joiner";
    }

    @Override
    public @Nullable Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        CALL.bindMethod(positional, named);
        if (used) {
            return separator;
        }
        used = true;
        return "";
    }

    @Override
    public String module() {
        return "jinja2.utils.";
    }
}
