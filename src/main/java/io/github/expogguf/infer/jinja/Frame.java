package io.github.expogguf.infer.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A scope while it runs. Scopes of one function of Python (the template, a macro, a recursive loop) share their
 * variables, which outlive them: a macro sees what its surroundings hold when it is called.
 *
 * @param toplevel whether what it sets becomes part of the context
 */
record Frame(
        TemplateSymbols symbols, @Nullable Frame parent, Map<String, @Nullable Object> variables, boolean toplevel) {

    /** A scope in the same function. */
    Frame inside(TemplateSymbols inner) {
        return new Frame(inner, this, variables, false);
    }

    /** A scope in a function of its own. */
    Frame function(TemplateSymbols inner) {
        return new Frame(inner, this, new HashMap<>(), false);
    }

    private @Nullable Frame owner(String name) {
        Frame frame = this;
        while (frame != null && frame.symbols.own(name) == null) {
            frame = frame.parent;
        }
        return frame;
    }

    /** The value of a name, or {@link Context#MISSING}. */
    @Nullable
    Object get(String name) {
        Frame owner = owner(name);
        return owner == null ? Context.MISSING : owner.variables.getOrDefault(owner.symbols.own(name), Context.MISSING);
    }

    /** Sets a name that this scope stores. */
    void set(String name, @Nullable Object value) {
        Frame owner = Objects.requireNonNull(owner(name));
        owner.variables.put(owner.symbols.own(name), value);
    }

    /** Gives the variables of this scope the values with which it begins. */
    void begin(Context context) {
        symbols.loads().forEach((variable, load) -> {
            switch (load.origin()) {
                case PARAMETER -> {}
                case CONTEXT -> variables.put(variable, context.get(Objects.requireNonNull(load.from())));
                case OUTER -> variables.put(variable, outer(Objects.requireNonNull(load.from())));
                case UNDEFINED -> variables.put(variable, Context.MISSING);
            }
        });
    }

    private @Nullable Object outer(String variable) {
        for (Frame frame = parent; frame != null; frame = frame.parent) {
            if (frame.symbols.loads().containsKey(variable)) {
                return frame.variables.getOrDefault(variable, Context.MISSING);
            }
        }
        return Context.MISSING;
    }

    /** Takes the values away again. */
    void end() {
        symbols.loads().keySet().forEach(variable -> variables.put(variable, Context.MISSING));
    }
}
