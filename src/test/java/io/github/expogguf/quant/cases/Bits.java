package io.github.expogguf.quant.cases;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Segments of bits that hurt, and segments with guard bytes around them. */
public final class Bits {

    private static final byte GUARD = (byte) 0xa5;
    private static final long GUARD_BYTES = 64;

    private Bits() {}

    /** Floats with these bits. */
    static MemorySegment floats(Arena arena, int... bits) {
        return arena.allocateFrom(JAVA_INT, bits);
    }

    /** All 65536 bit patterns of 16 bits. */
    public static MemorySegment allShorts(Arena arena) {
        MemorySegment all = arena.allocate(JAVA_SHORT, 1 << 16);
        for (int i = 0; i < 1 << 16; i++) {
            all.setAtIndex(JAVA_SHORT, i, (short) i);
        }
        return all;
    }

    /**
     * Floats of both signs and all exponents, each with the mantissas at which narrowing to 10 or 7 bits rounds another
     * way, and with random ones.
     */
    public static MemorySegment awkwardFloats(Arena arena) {
        int[] kept = {7, 10}; // mantissa bits of BF16 and F16; subnormals keep fewer, which the shifts cover
        Random random = new Random(16);
        java.util.stream.IntStream.Builder all = java.util.stream.IntStream.builder();
        for (int upper = 0; upper < 1 << 9; upper++) {
            int base = upper << 23;
            for (int shift = 0; shift <= 23; shift++) {
                int tie = shift == 0 ? 0 : 1 << (shift - 1);
                for (int odd = 0; odd <= 1; odd++) {
                    for (int nearby = -1; nearby <= 1; nearby++) {
                        all.add(base | ((odd << shift | tie) + nearby & 0x7f_ffff));
                    }
                }
            }
            for (int bits : kept) {
                all.add(base | ((-1 >>> 9) & (-1 << (23 - bits)))); // the largest that needs no rounding
                all.add(base | 0x7f_ffff);
            }
            for (int i = 0; i < 100; i++) {
                all.add(base | random.nextInt(1 << 23));
            }
        }
        return floats(arena, all.build().toArray());
    }

    /** A segment with guard bytes on both sides. */
    public record Guarded(MemorySegment whole, MemorySegment inner) {

        public static Guarded allocate(Arena arena, long bytes) {
            MemorySegment whole = arena.allocate(bytes + 2 * GUARD_BYTES, 64);
            whole.fill(GUARD);
            return new Guarded(whole, whole.asSlice(GUARD_BYTES, bytes));
        }

        public boolean isIntact() {
            long after = GUARD_BYTES + inner.byteSize();
            for (long i = 0; i < GUARD_BYTES; i++) {
                if (whole.get(JAVA_BYTE, i) != GUARD || whole.get(JAVA_BYTE, after + i) != GUARD) {
                    return false;
                }
            }
            return true;
        }
    }
}
