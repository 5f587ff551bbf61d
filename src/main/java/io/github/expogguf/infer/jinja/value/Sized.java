package io.github.expogguf.infer.jinja.value;

/** A value with a length, which is false where that is 0. */
public interface Sized extends PyValue {

    long length() throws JinjaException;
}
