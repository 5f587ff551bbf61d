package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.text.Words;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many arguments the methods that CPython has in C take, and its complaints. */
final class Arity {

    private Arity() {}

    static void none(String type, String name, List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        noNames(type, name, named);
        if (!positional.isEmpty()) {
            throw JinjaException.type(type + "." + name + "() takes no arguments (" + positional.size() + " given)");
        }
    }

    static void one(String type, String name, List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        noNames(type, name, named);
        if (positional.size() != 1) {
            throw JinjaException.type(
                    type + "." + name + "() takes exactly one argument (" + positional.size() + " given)");
        }
    }

    static void between(
            int least,
            int most,
            String type,
            String name,
            List<@Nullable Object> positional,
            Map<String, @Nullable Object> named)
            throws JinjaException {
        noNames(type, name, named);
        int given = positional.size();
        if (given < least || given > most) {
            int bound = given < least ? least : most;
            String limit = least == most ? "" : given < least ? "at least " : "at most ";
            throw JinjaException.type(
                    name + " expected " + limit + bound + " " + Words.noun(bound, "argument") + ", got " + given);
        }
    }

    private static void noNames(String type, String name, Map<String, @Nullable Object> named) throws JinjaException {
        if (!named.isEmpty()) {
            throw JinjaException.type(type + "." + name + "() takes no keyword arguments");
        }
    }
}
