package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.HtmlText;
import io.github.expogguf.infer.jinja.value.DictView;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Filters that know HTML or URLs. */
final class MarkupFilters {

    private MarkupFilters() {}

    static void addTo(FilterTable filters) {
        for (String name : List.of("e", "escape")) {
            filters.add(name, Signature.of("escape", "s"), (a, work) -> Text.escaped(a.get(0), work));
        }
        filters.add(
                "forceescape",
                Signature.of("do_forceescape", "value"),
                (a, work) -> Text.escaped(Text.of(a.get(0), work), work));
        filters.add(
                "safe",
                Signature.of("do_mark_safe", "value"),
                (a, work) -> a.get(0) instanceof Markup ? a.get(0) : new Markup(Text.of(a.get(0), work)));
        filters.add(
                "striptags",
                Signature.of("do_striptags", "value"),
                (a, work) -> HtmlText.stripTags(Text.of(a.get(0), work), work));
        filters.add("xmlattr", Signature.of("do_xmlattr", "@", "d", "autospace?"), MarkupFilters::attributes);
        filters.add("urlencode", Signature.of("do_urlencode", "value"), (a, work) -> urlEncode(a.get(0), work));
        filters.add("urlize", (value, positional, named, work) -> {
            throw JinjaException.unsupported("the filter 'urlize'");
        });
    }

    private static @Nullable Object attributes(Signature.Bound a, Work work) throws JinjaException {
        if (!(a.get(0) instanceof PyDict dict)) {
            throw a.get(0) instanceof Undefined undefined
                    ? undefined.error()
                    : JinjaException.other("'" + Types.name(a.get(0)) + "' object has no attribute 'items'");
        }
        List<String> items = new ArrayList<>();
        for (PyDict.Entry entry : dict.entries()) {
            if (entry.value() == null || entry.value() instanceof Undefined) {
                continue;
            }
            if (!Types.isString(entry.key())) {
                throw JinjaException.type(
                        "expected string or bytes-like object, got '" + Types.name(entry.key()) + "'");
            }
            String key = Types.string(entry.key());
            if (key.chars().anyMatch(c -> c < 0x80 && (" \t\n\r\f/>=".indexOf(c) >= 0 || c == 0x0b))) {
                throw JinjaException.value("Invalid character in attribute name: " + Repr.of(key));
            }
            String value = Text.escaped(entry.value(), work).text();
            items.add(Text.escaped(entry.key(), work).text() + "=\"" + value + '"');
        }
        String text = String.join(" ", items);
        return text.isEmpty() || !Types.isTrue(a.get(1, true)) ? text : " " + text;
    }

    private static @Nullable Object urlEncode(@Nullable Object value, Work work) throws JinjaException {
        if (Types.isString(value) || !Types.isIterable(value)) {
            return HtmlText.urlQuote(Text.of(value, work), false, work);
        }
        Object pairs = value instanceof PyDict dict ? new DictView(dict, DictView.Kind.ITEMS) : value;
        List<String> parts = new ArrayList<>();
        for (Object pair : Iteration.list(pairs, work)) {
            List<@Nullable Object> items = Iteration.list(pair, work);
            if (items.size() != 2) {
                throw JinjaException.value(
                        items.size() < 2
                                ? "not enough values to unpack (expected 2, got " + items.size() + ")"
                                : "too many values to unpack (expected 2)");
            }
            parts.add(HtmlText.urlQuote(Text.of(items.get(0), work), true, work) + "="
                    + HtmlText.urlQuote(Text.of(items.get(1), work), true, work));
        }
        return String.join("&", parts);
    }
}
