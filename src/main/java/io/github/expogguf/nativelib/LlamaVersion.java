package io.github.expogguf.nativelib;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A version of llama.cpp that this code works with, as its headers and libraries describe themselves. What is not asked
 * for is not read, because every command starts with this.
 *
 * @param llamaCpp what {@code llama_version} returns, without a suffix such as {@code -dev}
 * @param ggml     what {@code ggml_version} returns
 * @param commit   the commit of llama.cpp's source
 * @param lines    the rest of what {@link SupportedVersions} read
 */
record LlamaVersion(String llamaCpp, String ggml, String commit, List<String> lines) {

    LlamaVersion {
        lines = List.copyOf(lines);
    }

    /** Whether a library that calls itself so is of this version of llama.cpp. */
    boolean isLlamaCpp(String version) {
        return isSame(llamaCpp, version);
    }

    /** Whether a library that calls itself so is of this version of ggml. */
    boolean isGgml(String version) {
        return isSame(ggml, version);
    }

    private static boolean isSame(String expected, String actual) {
        return actual.equals(expected) || actual.startsWith(expected + "-");
    }

    /** Types whose quantizer writes other bytes than that of the version before; ggml's spelling. */
    Set<String> changedQuantizers() {
        Set<String> names = new HashSet<>();
        words("changed").forEach(words -> names.addAll(words.subList(1, words.size())));
        return names;
    }

    /** ggml's table of types by number; removed ones have a block size of 0. */
    List<TypeTraits> types() {
        int count = Integer.parseInt(words("types").getFirst().get(1));
        List<TypeTraits> types = new ArrayList<>(Collections.nCopies(count, TypeTraits.REMOVED));
        for (List<String> words : words("type")) {
            types.set(Integer.parseInt(words.get(1)), TypeTraits.parse(words.subList(2, words.size())));
        }
        return types;
    }

    /**
     * A structure that the bindings read, write, pass or return.
     *
     * @throws IllegalArgumentException if this version has none of that name
     */
    StructFields struct(String name) {
        return words("struct " + name).stream()
                .map(words -> StructFields.parse(words.subList(2, words.size())))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("versions.txt: no struct " + name + " of " + llamaCpp));
    }

    private List<List<String>> words(String beginning) {
        return lines.stream()
                .filter(line -> line.startsWith(beginning + " "))
                .map(line -> Arrays.asList(line.split(" ")))
                .toList();
    }
}
