package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_to_float_t;
import io.github.expogguf.bindings.ggml_type_traits;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;

/**
 * The calls into ggml, with no checks of their own: ggml aborts the process on arguments it does not expect. Loading
 * this class loads the native libraries.
 */
public final class GgmlCalls {

    static {
        NativeLibrary.load();
    }

    private GgmlCalls() {}

    /** {@code to_float} of {@code ggml_get_type_traits(type)}, not null for a type that can be read. */
    public static MemorySegment toFloat(GgmlType type) {
        MemorySegment traits = Llama.ggml_get_type_traits(type.id()).reinterpret(ggml_type_traits.sizeof());
        return ggml_type_traits.to_float(traits);
    }

    /** Calls what {@link #toFloat} returned. */
    public static void dequantize(MemorySegment toFloat, MemorySegment source, MemorySegment target, long count) {
        ggml_to_float_t.invoke(toFloat, source, target, count);
    }

    /** {@code ggml_quantize_chunk}; returns the bytes written. */
    public static long quantize(
            GgmlType type,
            MemorySegment source,
            MemorySegment target,
            long rowCount,
            long rowLength,
            MemorySegment importance) {
        return Llama.ggml_quantize_chunk(type.id(), source, target, 0, rowCount, rowLength, importance);
    }

    /** {@code ggml_validate_row_data}: whether all scales are finite. ggml writes the first that is not to stderr. */
    public static boolean isValid(GgmlType type, MemorySegment packed) {
        return Llama.ggml_validate_row_data(type.id(), packed, packed.byteSize());
    }
}
