package io.github.expogguf.infer;

import io.github.expogguf.text.Elements;
import java.util.List;

/** How a model is loaded. */
public final class LoadOptions {

    /** All layers, if there is a GPU. */
    public static final int AUTO = -1;

    /** All layers; without a GPU the model is not loaded. */
    public static final int ALL = Integer.MAX_VALUE;

    /** The only name in {@link #devices} where no GPU is to be used. */
    public static final String NO_DEVICE = "none";

    private final Values values;

    private record Values(int gpuLayers, List<String> devices, boolean memoryMapped, boolean repacking) {
        private Values {
            if (gpuLayers < AUTO) {
                throw new IllegalArgumentException(gpuLayers + " layers on a GPU");
            }
            if (devices.contains(NO_DEVICE) && (devices.size() > 1 || gpuLayers > 0)) {
                throw new IllegalArgumentException(
                        devices.size() > 1
                                ? "no device, and " + devices + " at the same time"
                                : "layers on a GPU, and no device for them");
            }
        }
    }

    private LoadOptions(Values values) {
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

    /** {@return all layers on a GPU if there is one, read rather than mapped, repacked} */
    public static LoadOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.gpuLayers = values.gpuLayers;
        builder.devices = values.devices;
        builder.memoryMapped = values.memoryMapped;
        builder.repacking = values.repacking;
        return builder;
    }

    /**
     * {@return layers kept on GPUs, of which the output counts as one, too; more than the model has are all of them;
     * {@link #AUTO} for all where there is a GPU, and none where there is not} Prompts may be computed on a GPU even if
     * it keeps no layers; {@link #NO_DEVICE} prevents that.
     */
    public int gpuLayers() {
        return values.gpuLayers;
    }

    /**
     * {@return names of the GPUs that are used, as {@link io.github.expogguf.ComputeDevice#name} has them; empty for
     * all that there are, {@link #NO_DEVICE} for none}
     */
    public List<String> devices() {
        return values.devices;
    }

    /**
     * Maps the file instead of reading it; another process that truncates the file then ends this JVM.
     *
     * @return whether the file is mapped instead of read
     */
    public boolean memoryMapped() {
        return values.memoryMapped;
    }

    /**
     * Lets llama.cpp keep a copy of some weights (Q4_0 and Q4_K among them) in an order that suits this processor
     * better; sums are then rounded differently in their last bits.
     *
     * @return whether llama.cpp may keep a copy of some weights in another order
     */
    public boolean repacking() {
        return values.repacking;
    }

    /**
     * Same, with this many layers on GPUs.
     *
     * @param gpuLayers as {@link #gpuLayers} has it
     * @return new options; these stay as they are
     */
    public LoadOptions withGpuLayers(int gpuLayers) {
        return toBuilder().gpuLayers(gpuLayers).build();
    }

    /**
     * Same, with these GPUs.
     *
     * @param devices as {@link #devices} has it
     * @return new options; these stay as they are
     */
    public LoadOptions withDevices(List<String> devices) {
        return toBuilder().devices(devices).build();
    }

    /**
     * Same, mapping the file or reading it.
     *
     * @param memoryMapped as {@link #memoryMapped} has it
     * @return new options; these stay as they are
     */
    public LoadOptions withMemoryMapped(boolean memoryMapped) {
        return toBuilder().memoryMapped(memoryMapped).build();
    }

    /**
     * Same, with weights in an order of their own or as in the file.
     *
     * @param repacking as {@link #repacking} has it
     * @return new options; these stay as they are
     */
    public LoadOptions withRepacking(boolean repacking) {
        return toBuilder().repacking(repacking).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LoadOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "LoadOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int gpuLayers = AUTO;
        private List<String> devices = List.of();
        private boolean memoryMapped;
        private boolean repacking = true;

        private Builder() {}

        /**
         * Layers kept on GPUs, {@link #ALL}, or {@link #AUTO}, as without a word, for all where there is a GPU.
         *
         * @param gpuLayers as {@link LoadOptions#gpuLayers} has it
         * @return this builder
         */
        public Builder gpuLayers(int gpuLayers) {
            this.gpuLayers = gpuLayers;
            return this;
        }

        /**
         * Names of the GPUs that are used, as {@link io.github.expogguf.ComputeDevice#name} has them; empty, as without
         * a word, for all that there are, {@link #NO_DEVICE} for none.
         *
         * @param devices as {@link LoadOptions#devices} has it
         * @return this builder
         */
        public Builder devices(List<String> devices) {
            this.devices = Elements.copy(devices, "devices");
            return this;
        }

        /**
         * Maps the file instead of reading it; another process that truncates the file then ends this JVM.
         *
         * @param memoryMapped as {@link LoadOptions#memoryMapped} has it
         * @return this builder
         */
        public Builder memoryMapped(boolean memoryMapped) {
            this.memoryMapped = memoryMapped;
            return this;
        }

        /**
         * Lets llama.cpp keep a copy of some weights in an order that suits this processor better, as without a word.
         *
         * @param repacking as {@link LoadOptions#repacking} has it
         * @return this builder
         */
        public Builder repacking(boolean repacking) {
            this.repacking = repacking;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if layers are wanted on no device
         */
        public LoadOptions build() {
            return new LoadOptions(new Values(gpuLayers, devices, memoryMapped, repacking));
        }
    }
}
