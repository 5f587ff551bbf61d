package io.github.expogguf.run;

import io.github.expogguf.gguf.GgmlType;
import java.util.Set;

/**
 * How a delta is written as an adapter.
 *
 * @param rank of the factors, at least 1; higher ranks keep more of the delta
 * @param type of the factors: F32, F16, BF16 or Q8_0, the last where rows fit its blocks
 */
public record LoraOptions(int rank, GgmlType type) {

    /** Types that every tool around llama.cpp reads, and Q8_0, which llama.cpp does. */
    public static final Set<GgmlType> TYPES = Set.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);

    /** @throws IllegalArgumentException if the type is another */
    public LoraOptions {
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException("factors of type " + type + ", expected F32, F16, BF16 or Q8_0");
        }
    }
}
