package io.github.expogguf.quant;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.simd.SwitchingFloatKernels;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Chooses the best implementation for a type. Any thread. */
public final class RowCodecs {

    private static final Map<GgmlType, RowCodec> CODECS = new ConcurrentHashMap<>();

    private RowCodecs() {}

    /**
     * The fastest codec of this JVM; each gives the same bytes. F32, F16 and BF16 need no native library, the others
     * load it.
     *
     * @throws UnsupportedTypeException if there is none, see {@link WeightTypes#isSupported}
     * @throws io.github.expogguf.NativeLibraryException if the library is needed and cannot be loaded
     */
    public static RowCodec of(GgmlType type) {
        return CODECS.computeIfAbsent(type, RowCodecs::create);
    }

    private static RowCodec create(GgmlType type) {
        return switch (type) {
            case F32 -> new F32Codec(SwitchingFloatKernels::choose);
            case F16 -> new F16Codec(SwitchingFloatKernels::choose);
            case BF16 -> new BF16Codec(SwitchingFloatKernels::choose);
            default -> {
                // a failure in a static initializer would not be the exception that it is
                NativeLibrary.loadFor(type + ", unlike F32, F16 and BF16, needs llama.cpp's libraries");
                yield new SwitchingRowCodec(new GgmlRowCodec(type)); // which refuses what has no conversion
            }
        };
    }
}
