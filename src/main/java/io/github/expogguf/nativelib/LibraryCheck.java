package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_type_traits;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** Whether a loaded library is the one that this code was written against. */
final class LibraryCheck {

    private LibraryCheck() {}

    /**
     * One line of ggml's table of types.
     *
     * @param name       ggml's spelling, {@code q4_K}
     * @param blockSize  elements of a block; 0 where a type was removed
     * @param blockBytes bytes of a block
     */
    record TypeTraits(String name, long blockSize, long blockBytes, boolean quantized) {

        static TypeTraits expected(GgmlType type) {
            return new TypeTraits(type.ggmlName(), type.blockSize(), type.blockBytes(), type.isQuantized());
        }

        static TypeTraits ofLibrary(int id) {
            MemorySegment traits = Llama.ggml_get_type_traits(id);
            MemorySegment name = ggml_type_traits.type_name(traits);
            return new TypeTraits(
                    name.address() == 0 ? "" : name.getString(0),
                    ggml_type_traits.blck_size(traits),
                    ggml_type_traits.type_size(traits),
                    ggml_type_traits.is_quantized(traits));
        }
    }

    /** What is wrong with this version of a library, if anything; a suffix such as {@code -dev} makes no difference. */
    static List<String> versionDifferences(String library, String expected, String actual) {
        return actual.equals(expected) || actual.startsWith(expected + "-")
                ? List.of()
                : List.of("this is " + library + " " + actual + ", expo-gguf needs " + library + " " + expected);
    }

    /**
     * Every difference between {@link GgmlType} and a library's table.
     *
     * @param count   number of types that the library has, removed ones included
     * @param library the library's table
     */
    static List<String> typeDifferences(int count, IntFunction<TypeTraits> library) {
        List<String> differences = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            TypeTraits actual = library.apply(id);
            Optional<TypeTraits> expected = GgmlType.byId(id).map(TypeTraits::expected);
            if (expected.isPresent() ? !actual.equals(expected.get()) : actual.blockSize() != 0) {
                differences.add("type " + id + " is " + actual + ", expected "
                        + expected.map(TypeTraits::toString).orElse("a removed type"));
            }
        }
        return differences;
    }
}
