package io.github.expogguf.nativelib;

import io.github.expogguf.NativeLibraryException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the libraries call each other, and not another build of llama.cpp that is in the process. */
final class BindingCheck {

    /** A function of ggml-base that every version has. */
    private static final String PROBE = "ggml_type_size";

    private BindingCheck() {}

    /**
     * Looks at what a library is linked to: the system's loader takes a library of the same name that is there for the
     * one that is needed. On Windows a library does not show the functions of others, and nothing is found.
     *
     * @param base ours
     * @param file which needs it
     * @throws NativeLibraryException if it is linked to another
     */
    static void requireLinked(SymbolLookup base, SymbolLookup library, Path file) {
        Optional<MemorySegment> linked = library.find(PROBE);
        if (linked.isPresent() && !linked.equals(base.find(PROBE))) {
            throw new NativeLibraryException(file + " is linked to another ggml, which this process has loaded before;"
                    + " take the bundled libraries, whose names no other build has, or load expo-gguf's first");
        }
    }

    /** @throws NativeLibraryException if functions of another ggml would take the place of ours */
    static void requireNoneForEverybody() {
        if (DynamicLoader.findForEverybody(PROBE).isPresent()) {
            throw new NativeLibraryException(
                    "this process has loaded another ggml for all libraries (RTLD_GLOBAL), so that"
                            + " its functions would take the place of those of expo-gguf; load it for itself, as System.load"
                            + " does, or start expo-gguf's inference first");
        }
    }
}
