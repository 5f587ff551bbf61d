package io.github.expogguf.infer;

/**
 * How a model is loaded.
 *
 * @param gpuLayers    layers kept on a GPU where the libraries know one; negative for all
 * @param memoryMapped maps the file instead of reading it; another process that truncates the file then ends this JVM
 * @param repacking    lets llama.cpp keep a copy of some weights (Q4_0 and Q4_K among them) in an order that suits this
 *                     processor better; sums are then rounded differently in their last bits
 */
public record LoadOptions(int gpuLayers, boolean memoryMapped, boolean repacking) {

    /** All layers on a GPU if there is one, read rather than mapped, repacked. */
    public static LoadOptions defaults() {
        return new LoadOptions(-1, false, true);
    }

    /** Same, with this many layers on a GPU. */
    public LoadOptions withGpuLayers(int value) {
        return new LoadOptions(value, memoryMapped, repacking);
    }

    /** Same, mapping the file or reading it. */
    public LoadOptions withMemoryMapped(boolean value) {
        return new LoadOptions(gpuLayers, value, repacking);
    }

    /** Same, with weights in an order of their own or as in the file. */
    public LoadOptions withRepacking(boolean value) {
        return new LoadOptions(gpuLayers, memoryMapped, value);
    }
}
