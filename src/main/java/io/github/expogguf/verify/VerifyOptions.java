package io.github.expogguf.verify;

import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** What a file is compared with; none of it changes what the file itself must be. */
public final class VerifyOptions {

    private final Values values;

    private record Values(Optional<Ingredients<Path>> inputs, Optional<Imatrix> imatrix) {}

    private VerifyOptions(Values values) {
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

    /** {@return the file alone, without an importance matrix} */
    public static VerifyOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.inputs = values.inputs;
        builder.imatrix = values.imatrix;
        return builder;
    }

    /**
     * {@return what the file was made from, to compute it again; empty to look at the file alone} What adapters and
     * deltas weigh, the file itself says.
     */
    public Optional<Ingredients<Path>> inputs() {
        return values.inputs;
    }

    /**
     * {@return the importance matrix that the file was made with, if there was one} Without it neither the types of
     * its tensors can be compared with the recipe nor their bytes computed.
     */
    public Optional<Imatrix> imatrix() {
        return values.imatrix;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "VerifyOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private Optional<Ingredients<Path>> inputs = Optional.empty();
        private Optional<Imatrix> imatrix = Optional.empty();

        private Builder() {}

        /**
         * What the file was made from, to compute it again.
         *
         * @param inputs as {@link VerifyOptions#inputs} has it
         * @return this builder
         */
        public Builder inputs(Ingredients<Path> inputs) {
            this.inputs = Optional.of(Objects.requireNonNull(inputs, "inputs"));
            return this;
        }

        /**
         * The importance matrix that the file was made with.
         *
         * @param imatrix as {@link VerifyOptions#imatrix} has it
         * @return this builder
         */
        public Builder imatrix(Imatrix imatrix) {
            this.imatrix = Optional.of(Objects.requireNonNull(imatrix, "imatrix"));
            return this;
        }

        /** {@return the options} */
        public VerifyOptions build() {
            return new VerifyOptions(new Values(inputs, imatrix));
        }
    }
}
