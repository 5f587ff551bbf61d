package io.github.expogguf.run.lora;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import java.util.Set;

/**
 * How a delta is written as an adapter.
 *
 * @param rank of the factors, at least 1; higher ranks keep more of the delta
 * @param type of the factors: F32, F16, BF16 or Q8_0, the last where rows fit its blocks
 * @param acceptedDifferences hyper-parameters that the models may have different values of, as keys of the files
 */
public record LoraOptions(int rank, GgmlType type, Set<String> acceptedDifferences) {

    /** Types that every tool around llama.cpp reads, and Q8_0, which llama.cpp does. */
    public static final Set<GgmlType> TYPES = Set.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);

    /** For a pair without such differences. */
    public LoraOptions(int rank, GgmlType type) {
        this(rank, type, Set.of());
    }

    /** The plan of the pair that is exported; llama.cpp applies no adapter to blocks for multi-token prediction. */
    public PlanOptions planOptions() {
        return PlanOptions.builder()
                .alpha(1)
                .dropMtp(true)
                .acceptedDifferences(acceptedDifferences)
                .build();
    }

    /** @throws IllegalArgumentException if the type is another */
    public LoraOptions {
        acceptedDifferences = Set.copyOf(acceptedDifferences);
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException("factors of type " + type + ", expected F32, F16, BF16 or Q8_0");
        }
    }
}
