package io.github.expogguf.infer.jinja.value;

/** A text that counts as safe in HTML (markupsafe's Markup): other texts are escaped when they are put into it. */
public record Markup(String text) implements Sized {

    @Override
    public String typeName() {
        return "Markup";
    }

    @Override
    public String module() {
        return "markupsafe.";
    }

    @Override
    public long length() {
        return Strings.length(text);
    }

    @Override
    public Object key() {
        return text;
    }
}
