package io.github.expogguf.infer.jinja.syntax;

import java.util.List;

/** What a {@code for}, {@code set} or {@code with} assigns to. */
public sealed interface Target {

    /** A variable. */
    record Variable(String name) implements Target {}

    /** {@code namespace.member}. */
    record MemberOf(String namespace, String member, int line) implements Target {}

    /** Several targets, for as many items. */
    record Several(List<Target> targets) implements Target {}
}
