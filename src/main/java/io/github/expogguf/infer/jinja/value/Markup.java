package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** A text that counts as safe in HTML (markupsafe's Markup): other texts are escaped when they are put into it. */
public record Markup(String text) {

    public static Markup escape(@Nullable Object value, Work work) throws JinjaException {
        if (value instanceof Markup markup) {
            return markup;
        }
        String plain = Text.of(value, work);
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
