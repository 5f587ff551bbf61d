package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** {@code str(value)}: what a template writes for a value. */
public final class Text {

    private Text() {}

    public static String of(@Nullable Object value, Work work) throws JinjaException {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case Undefined undefined -> "";
            case null, default -> Repr.of(value, work);
        };
    }

    /** The same, with what is special in HTML escaped, unless it is marked up. */
    public static Markup escaped(@Nullable Object value, Work work) throws JinjaException {
        if (value instanceof Markup markup) {
            return markup;
        }
        String plain = of(value, work);
        work.charge(6L * plain.length());
        StringBuilder escaped = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&#34;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return new Markup(escaped.toString());
    }
}
