package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code format} and {@code format_map} of texts and of Markup, as the sandbox runs them. */
final class FormatMethods {

    private FormatMethods() {}

    static boolean isOne(String name) {
        return name.equals("format") || name.equals("format_map");
    }

    static Function get(@Nullable Object text, String name, StringFormat.Fields fields, Work work) {
        boolean mapped = name.equals("format_map");
        if (text instanceof Markup markup) {
            return Function.function((positional, named) -> new Markup(
                    format(mapped, positional, named, fields, work).escaping().format(markup.text())));
        }
        String plain = Types.string(text);
        return Function.builtin((positional, named) -> {
            work.charge(plain.length());
            return format(mapped, positional, named, fields, work).format(plain);
        });
    }

    private static StringFormat format(
            boolean mapped,
            List<@Nullable Object> positional,
            Map<String, @Nullable Object> named,
            StringFormat.Fields fields,
            Work work)
            throws JinjaException {
        if (!mapped) {
            return new StringFormat(positional, named, fields, work);
        }
        if (!named.isEmpty()) {
            throw JinjaException.type("format_map() takes no keyword arguments");
        }
        if (positional.size() != 1) {
            throw JinjaException.type("format_map() takes exactly one argument (" + positional.size() + " given)");
        }
        return new StringFormat(positional.getFirst(), fields, work);
    }
}
