package io.github.expogguf.bindings;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * Where the generated bindings find the functions of llama.cpp: in the libraries that were loaded for them, and not in
 * whatever else the class loader or the process holds, which may be another build of llama.cpp.
 */
public final class Symbols {

    private static volatile SymbolLookup libraries = name -> Optional.empty();

    private Symbols() {}

    /** Has functions that were not looked up yet be looked for here. */
    public static void lookIn(SymbolLookup loaded) {
        libraries = loaded;
    }

    /** The address of a function or variable of the libraries. */
    public static Optional<MemorySegment> find(String name) {
        return libraries.find(name);
    }
}
