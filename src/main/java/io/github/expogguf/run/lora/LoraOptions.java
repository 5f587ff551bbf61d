package io.github.expogguf.run.lora;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.text.Elements;
import java.util.Objects;
import java.util.Set;

/** How a delta is written as an adapter. */
public final class LoraOptions {

    /** Types that every tool around llama.cpp reads, and Q8_0, which llama.cpp does. */
    public static final Set<GgmlType> TYPES = Set.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);

    private final Values values;

    private record Values(int rank, GgmlType type, Set<String> acceptedDifferences) {
        private Values {
            if (!TYPES.contains(type)) {
                throw new IllegalArgumentException("factors of type " + type + ", expected F32, F16, BF16 or Q8_0");
            }
        }
    }

    private LoraOptions(Values values) {
        this.values = values;
    }

    /**
     * Options that differ from {@linkplain #defaults the defaults} as set on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return factors of rank 32 in F16, for a pair without further differences} */
    public static LoraOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.rank = values.rank;
        builder.type = values.type;
        builder.acceptedDifferences = values.acceptedDifferences;
        return builder;
    }

    /** {@return the rank of the factors, at least 1; higher ranks keep more of the delta} */
    public int rank() {
        return values.rank;
    }

    /** {@return the type of the factors, one of {@link #TYPES}} */
    public GgmlType type() {
        return values.type;
    }

    /** {@return hyper-parameters that the models may have different values of, as keys of the files} */
    public Set<String> acceptedDifferences() {
        return values.acceptedDifferences;
    }

    /**
     * {@return the plan of the pair that is exported; llama.cpp applies no adapter to blocks for multi-token
     * prediction}
     */
    public PlanOptions planOptions() {
        return PlanOptions.builder()
                .alpha(1)
                .dropMtp(true)
                .acceptedDifferences(acceptedDifferences())
                .build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LoraOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "LoraOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int rank = 32;
        private GgmlType type = GgmlType.F16;
        private Set<String> acceptedDifferences = Set.of();

        private Builder() {}

        /**
         * Rank of the factors, at least 1; higher ranks keep more of the delta; 32 without a word.
         *
         * @param rank as {@link LoraOptions#rank} has it
         * @return this builder
         */
        public Builder rank(int rank) {
            this.rank = rank;
            return this;
        }

        /**
         * Type of the factors: F32, F16, as without a word, BF16, or Q8_0 where rows fit its blocks.
         *
         * @param type as {@link LoraOptions#type} has it
         * @return this builder
         */
        public Builder type(GgmlType type) {
            this.type = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * Hyper-parameters that the models may have different values of, as keys of the files.
         *
         * @param acceptedDifferences as {@link LoraOptions#acceptedDifferences} has it
         * @return this builder
         */
        public Builder acceptedDifferences(Set<String> acceptedDifferences) {
            this.acceptedDifferences = Elements.copy(acceptedDifferences, "acceptedDifferences");
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if the type is another
         */
        public LoraOptions build() {
            return new LoraOptions(new Values(rank, type, acceptedDifferences));
        }
    }
}
