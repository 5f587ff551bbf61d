package io.github.expogguf.testing;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_to_float_t;
import io.github.expogguf.bindings.ggml_type_traits;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tensors as floats, straight through ggml, past our codecs. */
public final class GgmlFloats {

    static {
        NativeLibrary.load();
    }

    private GgmlFloats() {}

    public static float[] of(SourceModel model, TensorInfo tensor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long count = tensor.shape().elementCount();
            MemorySegment packed = arena.allocate(tensor.byteCount(), 64);
            model.read(tensor, 0, packed);
            if (tensor.type() == GgmlType.F32) {
                return packed.toArray(ValueLayout.JAVA_FLOAT);
            }
            MemorySegment floats = arena.allocate(4 * count, 64);
            MemorySegment traits =
                    Llama.ggml_get_type_traits(tensor.type().id()).reinterpret(ggml_type_traits.sizeof());
            ggml_to_float_t.invoke(ggml_type_traits.to_float(traits), packed, floats, count);
            return floats.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
