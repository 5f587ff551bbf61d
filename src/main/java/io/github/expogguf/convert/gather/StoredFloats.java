package io.github.expogguf.convert.gather;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.github.expogguf.safetensors.Float8;
import io.github.expogguf.safetensors.SafetensorsType;
import java.lang.foreign.MemorySegment;

/** Weights as they are stored in safetensors, little-endian. */
final class StoredFloats {

    /** E2M1, with the sign in the highest bit; ggml's has no negative zero, either (ggml-common.h, kvalues_mxfp4). */
    private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6};

    private StoredFloats() {}

    /** One of them, exact but for F64, which is rounded. */
    static float decode(SafetensorsType type, MemorySegment stored, long index) {
        return switch (type) {
            case F64 -> (float) stored.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
            case F32 -> stored.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
            case F16 -> Float.float16ToFloat(stored.getAtIndex(JAVA_SHORT_UNALIGNED, index));
            case BF16 -> Float.intBitsToFloat(stored.getAtIndex(JAVA_SHORT_UNALIGNED, index) << Short.SIZE);
            case F4 -> E2M1[(stored.get(JAVA_BYTE, index / 2) >> (4 * (index % 2))) & 0xF];
            case F8_E4M3 -> Float8.e4m3(stored.get(JAVA_BYTE, index));
            case F8_E5M2 -> Float8.e5m2(stored.get(JAVA_BYTE, index));
            default -> throw new IllegalArgumentException(type + " holds no weights");
        };
    }
}
