package io.github.expogguf.infer.jinja;

import java.util.List;
import java.util.Map;

/** {@code joiner(separator)}: empty at the first call, the separator at every other. */
final class Joiner implements Callable {

    private static final Signature CALL = Signature.of("Joiner.__call__", "self");

    private final Object separator;
    private boolean used;

    Joiner(Object separator) {
        this.separator = separator;
    }

    Object separator() {
        return separator;
    }

    boolean used() {
        return used;
    }

    @Override
    public String typeName() {
        return "Joiner";
    }

    @Override
    public Object call(List<Object> positional, Map<String, Object> named) throws JinjaException {
        CALL.bindMethod(positional, named);
        if (used) {
            return separator;
        }
        used = true;
        return "";
    }
}
