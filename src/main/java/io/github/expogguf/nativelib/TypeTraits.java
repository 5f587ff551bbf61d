package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_type_traits;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One line of ggml's table of types.
 *
 * @param name       ggml's spelling, {@code q4_K}
 * @param blockSize  elements of a block; 0 where a type was removed
 * @param blockBytes bytes of a block
 */
record TypeTraits(String name, long blockSize, long blockBytes, boolean quantized) {

    static final TypeTraits REMOVED = new TypeTraits("", 0, 0, false);

    static TypeTraits of(GgmlType type) {
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

    /** From the words of versions.txt: name, elements and bytes of a block, {@code quantized} or {@code plain}. */
    static TypeTraits parse(List<String> words) {
        return new TypeTraits(
                words.get(0),
                Long.parseLong(words.get(1)),
                Long.parseLong(words.get(2)),
                words.get(3).equals("quantized"));
    }

    boolean isRemoved() {
        return blockSize == 0;
    }
}
