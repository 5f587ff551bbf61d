package io.github.expogguf.infer.jinja.value;

/** {@code namespace(...)}: variables that a template may set from anywhere. */
public final class Namespace implements PyValue {

    private final PyDict members = new PyDict();

    public PyDict members() {
        return members;
    }

    @Override
    public String typeName() {
        return "Namespace";
    }

    @Override
    public String module() {
        return "jinja2.utils.";
    }
}
