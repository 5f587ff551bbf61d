package io.github.expogguf.infer.jinja;

/** {@code namespace(...)}: variables that a template may set from anywhere. */
final class Namespace {

    private final PyDict members = new PyDict();

    PyDict members() {
        return members;
    }
}
