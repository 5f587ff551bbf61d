package io.github.expogguf.infer.jinja.value;

/** {@code namespace(...)}: variables that a template may set from anywhere. */
public final class Namespace {

    private final PyDict members = new PyDict();

    public PyDict members() {
        return members;
    }
}
