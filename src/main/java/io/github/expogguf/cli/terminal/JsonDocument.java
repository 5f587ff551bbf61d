package io.github.expogguf.cli.terminal;

import java.io.IOException;

/** A document that is written part by part; see {@link Json}. */
@FunctionalInterface
public interface JsonDocument {
    void write(JsonOutput out) throws IOException;
}
