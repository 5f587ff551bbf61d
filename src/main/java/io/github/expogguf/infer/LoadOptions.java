package io.github.expogguf.infer;

import java.util.List;

/**
 * How a model is loaded.
 *
 * @param gpuLayers    layers kept on GPUs, of which the output counts as one, too; more than the model has are all of
 *                     them; {@link #AUTO} for all where there is a GPU, and none where there is not. Prompts may be
 *                     computed on a GPU even if it keeps no layers; {@link #NO_DEVICE} prevents that
 * @param devices      names of the GPUs that are used, as {@link io.github.expogguf.ComputeDevice#name} has them; empty
 *                     for all that there are, {@link #NO_DEVICE} for none
 * @param memoryMapped maps the file instead of reading it; another process that truncates the file then ends this JVM
 * @param repacking    lets llama.cpp keep a copy of some weights (Q4_0 and Q4_K among them) in an order that suits this
 *                     processor better; sums are then rounded differently in their last bits
 */
public record LoadOptions(int gpuLayers, List<String> devices, boolean memoryMapped, boolean repacking) {

    /** All layers, if there is a GPU. */
    public static final int AUTO = -1;

    /** All layers; without a GPU the model is not loaded. */
    public static final int ALL = Integer.MAX_VALUE;

    /** The only name in {@link #devices} where no GPU is to be used. */
    public static final String NO_DEVICE = "none";

    /** @throws IllegalArgumentException if layers are wanted on no device */
    public LoadOptions {
        devices = List.copyOf(devices);
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

    /** All layers on a GPU if there is one, read rather than mapped, repacked. */
    public static LoadOptions defaults() {
        return new LoadOptions(AUTO, List.of(), false, true);
    }

    /** Same, with this many layers on GPUs. */
    public LoadOptions withGpuLayers(int value) {
        return new LoadOptions(value, devices, memoryMapped, repacking);
    }

    /** Same, with these GPUs. */
    public LoadOptions withDevices(List<String> value) {
        return new LoadOptions(gpuLayers, value, memoryMapped, repacking);
    }

    /** Same, mapping the file or reading it. */
    public LoadOptions withMemoryMapped(boolean value) {
        return new LoadOptions(gpuLayers, devices, value, repacking);
    }

    /** Same, with weights in an order of their own or as in the file. */
    public LoadOptions withRepacking(boolean value) {
        return new LoadOptions(gpuLayers, devices, memoryMapped, value);
    }

    /**
     * Makes sure that the GPUs that are asked for are there, which loading a model does, too, but later. Loads the
     * libraries.
     *
     * @throws io.github.expogguf.InferenceException     if they are not; the message says what there is
     * @throws io.github.expogguf.NativeLibraryException if the libraries cannot be loaded
     */
    public void requireDevices() {
        DeviceChoice.of(this);
    }
}
