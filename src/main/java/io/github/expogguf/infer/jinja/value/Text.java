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
}
