package io.github.expogguf.safetensors;

/** Types of the format (safetensors 0.8.0, tensor.rs, {@code Dtype}), named as in its headers. */
public enum SafetensorsType {
    F64(64, true),
    F32(32, true),
    F16(16, true),
    BF16(16, true),
    F8_E4M3(8, true),
    F8_E5M2(8, true),
    F8_E4M3FNUZ(8, false),
    F8_E5M2FNUZ(8, false),
    F8_E8M0(8, false),
    F6_E2M3(6, false),
    F6_E3M2(6, false),
    F4(4, false),
    BOOL(8, false),
    U8(8, false),
    I8(8, false),
    U16(16, false),
    I16(16, false),
    U32(32, false),
    I32(32, false),
    U64(64, false),
    I64(64, false),
    C64(64, false);

    private final int bits;
    private final boolean weights;

    SafetensorsType(int bits, boolean weights) {
        this.bits = bits;
        this.weights = weights;
    }

    /** Of one element. */
    public int bits() {
        return bits;
    }

    /** Whether elements are weights by themselves, without being unpacked or scaled by something else first. */
    public boolean holdsWeights() {
        return weights;
    }
}
