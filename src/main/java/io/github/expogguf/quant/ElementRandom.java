package io.github.expogguf.quant;

import java.nio.charset.StandardCharsets;

/**
 * Numbers that look random and follow from a seed, a name and an index alone, so that any part of a tensor can be
 * computed at any time on any thread: the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
 * number generators", 2014) over a counter.
 */
final class ElementRandom {

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long key;

    ElementRandom(long seed, String name) {
        long hash = mix(seed + GOLDEN);
        for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
            hash = mix((hash ^ letter) + GOLDEN);
        }
        this.key = hash;
    }

    /** Equally distributed from 0 to below 1, in steps of 2^-53. */
    double at(long index) {
        return (mix(key + index * GOLDEN) >>> 11) * 0x1p-53;
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
