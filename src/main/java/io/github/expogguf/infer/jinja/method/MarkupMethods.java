package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of Markup: those of {@code str}, with their arguments escaped and their results marked up. */
final class MarkupMethods {

    private static final Set<String> ESCAPING = Set.of(
            "capitalize",
            "title",
            "lower",
            "upper",
            "replace",
            "ljust",
            "rjust",
            "lstrip",
            "rstrip",
            "center",
            "strip",
            "expandtabs",
            "swapcase",
            "zfill",
            "partition",
            "rpartition");

    private MarkupMethods() {}

    static @Nullable Object get(Markup markup, String name, Work work) throws JinjaException {
        return switch (name) {
            case "join" -> Function.method((positional, named) -> join(markup, positional, named, work));
            case "split", "rsplit", "splitlines" -> marked(markup, name, work);
            case "striptags" ->
                Function.method(Signature.of("Markup.striptags"), arguments -> HtmlText.stripTags(markup.text(), work));
            case "unescape" ->
                Function.method(Signature.of("Markup.unescape"), arguments -> HtmlText.unescape(markup.text(), work));
            case "escape", "translate" -> UnknownMethod.of(markup, name);
            default ->
                ESCAPING.contains(name) ? escaping(markup, name, work) : StringMethods.get(markup.text(), name, work);
        };
    }

    private static Function escaping(Markup markup, String name, Work work) {
        Function plain = (Function) Objects.requireNonNull(StringMethods.get(markup.text(), name, work));
        return Function.method((positional, named) -> {
            List<@Nullable Object> escaped = new ArrayList<>();
            for (Object argument : positional) {
                escaped.add(escape(argument, work));
            }
            Map<String, @Nullable Object> escapedNamed = new LinkedHashMap<>();
            for (Map.Entry<String, @Nullable Object> argument : named.entrySet()) {
                escapedNamed.put(argument.getKey(), escape(argument.getValue(), work));
            }
            return marked(plain.call(escaped, escapedNamed));
        });
    }

    private static @Nullable Object escape(@Nullable Object argument, Work work) throws JinjaException {
        return Types.isString(argument) ? Text.escaped(argument, work).text() : argument;
    }

    private static Function marked(Markup markup, String name, Work work) {
        Function plain = (Function) Objects.requireNonNull(StringMethods.get(markup.text(), name, work));
        return Function.method((positional, named) -> marked(plain.call(positional, named)));
    }

    private static @Nullable Object marked(@Nullable Object result) {
        return switch (result) {
            case String text -> new Markup(text);
            case PyList list ->
                new PyList(list.items().stream().map(MarkupMethods::marked).toList());
            case PyTuple tuple ->
                new PyTuple(tuple.items().stream().map(MarkupMethods::marked).toList());
            case null, default -> result;
        };
    }

    private static @Nullable Object join(
            Markup markup, List<@Nullable Object> positional, Map<String, @Nullable Object> named, Work work)
            throws JinjaException {
        Object items = Signature.of("Markup.join", "self", "seq")
                .bindMethod(positional, named)
                .get(1);
        List<@Nullable Object> escaped = new ArrayList<>();
        for (Object item : Iteration.list(items, work)) {
            escaped.add(Text.escaped(item, work).text());
        }
        return new Markup(StringMethods.join(markup.text(), escaped, work));
    }
}
