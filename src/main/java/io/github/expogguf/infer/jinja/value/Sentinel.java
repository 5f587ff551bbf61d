package io.github.expogguf.infer.jinja.value;

/** Stands where a value would be and there is none, as null is the value none; compared by identity. */
public final class Sentinel {

    /** In place of a member that a value does not have. */
    public static final Sentinel NO_MEMBER = new Sentinel();
}
