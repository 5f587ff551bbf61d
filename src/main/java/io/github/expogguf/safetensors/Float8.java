package io.github.expogguf.safetensors;

/** Floats of eight bits (OCP 8-bit floating point specification, 1.0), to 32 bits exactly. */
public final class Float8 {

    private static final float[] E4M3 = table(4, 7);
    private static final float[] E5M2 = table(5, 15);

    static {
        E4M3[0x7F] = E4M3[0xFF] = Float.NaN; // the one pattern that is no number; there are no infinities
        for (int sign = 0; sign <= 0x80; sign += 0x80) {
            E5M2[sign | 0x7C] = sign == 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            for (int bits = 0x7D; bits <= 0x7F; bits++) {
                E5M2[sign | bits] = Float.NaN;
            }
        }
    }

    private Float8() {}

    /** Sign, 4 bits of exponent, 3 of mantissa. */
    public static float e4m3(byte bits) {
        return E4M3[bits & 0xFF];
    }

    /** Sign, 5 bits of exponent, 2 of mantissa. */
    public static float e5m2(byte bits) {
        return E5M2[bits & 0xFF];
    }

    private static float[] table(int exponentBits, int bias) {
        int mantissaBits = 7 - exponentBits;
        float[] table = new float[1 << 8];
        for (int bits = 0; bits < table.length; bits++) {
            int exponent = (bits & 0x7F) >> mantissaBits;
            int mantissa = bits & ((1 << mantissaBits) - 1);
            int implicit = exponent == 0 ? 0 : 1 << mantissaBits;
            float magnitude = Math.scalb((float) (implicit + mantissa), Math.max(1, exponent) - bias - mantissaBits);
            table[bits] = bits < 0x80 ? magnitude : -magnitude;
        }
        return table;
    }
}
