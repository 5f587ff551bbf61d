package io.github.expogguf.nativelib;

import java.lang.foreign.GroupLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** Whether a loaded library is one that this code works with. */
final class LibraryCheck {

    private LibraryCheck() {}

    /** What is wrong with this version of ggml, if anything. */
    static List<String> ggmlDifferences(List<LlamaVersion> supported, String actual) {
        return supported.stream().anyMatch(version -> version.isGgml(actual))
                ? List.of()
                : List.of("this is ggml " + actual + ", expo-gguf needs ggml " + listed(supported, LlamaVersion::ggml));
    }

    /**
     * What is wrong with this version of llama.cpp, if anything.
     *
     * @param supported those whose version of ggml is the one that is loaded
     */
    static List<String> llamaDifferences(List<LlamaVersion> supported, String actual) {
        return supported.stream().anyMatch(version -> version.isLlamaCpp(actual))
                ? List.of()
                : List.of("this is llama.cpp " + actual + ", expo-gguf needs llama.cpp "
                        + listed(supported, LlamaVersion::llamaCpp) + " with ggml "
                        + supported.getFirst().ggml());
    }

    private static String listed(List<LlamaVersion> versions, Function<LlamaVersion, String> part) {
        return versions.stream().map(part).distinct().collect(Collectors.joining(" or "));
    }

    /**
     * Every difference between a library's table of types and what is known of its version.
     *
     * @param library the library's table, by number
     */
    static List<String> typeDifferences(List<TypeTraits> expected, IntFunction<TypeTraits> library) {
        List<String> differences = new ArrayList<>();
        for (int id = 0; id < expected.size(); id++) {
            TypeTraits known = expected.get(id);
            TypeTraits actual = library.apply(id);
            if (known.isRemoved() ? !actual.isRemoved() : !actual.equals(known)) {
                differences.add("type " + id + " is " + actual + ", expected "
                        + (known.isRemoved() ? "a removed type" : known));
            }
        }
        return differences;
    }

    /** Every difference between structures of the bindings and what is known of a version. */
    static List<String> structDifferences(LlamaVersion version, List<GroupLayout> bindings) {
        List<String> differences = new ArrayList<>();
        for (GroupLayout layout : bindings) {
            String name = layout.name().orElseThrow();
            StructFields expected = StructFields.of(layout);
            StructFields actual = version.struct(name);
            if (!expected.equals(actual)) {
                differences.add(name + " of llama.cpp " + version.llamaCpp() + " is " + actual + ", the bindings have "
                        + expected);
            }
        }
        return differences;
    }
}
