package io.github.expogguf.infer.jinja.value;

/** A value that {@link Repr} writes in words of its own. */
public interface OwnRepr extends PyValue {

    String repr() throws JinjaException;
}
