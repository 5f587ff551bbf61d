package io.github.expogguf.infer;

/**
 * How a model is loaded.
 *
 * @param gpuLayers    layers kept on a GPU where the libraries know one; negative for all
 * @param memoryMapped maps the file instead of reading it; another process that truncates the file then ends this JVM
 */
public record LoadOptions(int gpuLayers, boolean memoryMapped) {

    /** All layers on a GPU if there is one, memory-mapped, as llama.cpp does it. */
    public static LoadOptions defaults() {
        return new LoadOptions(-1, true);
    }

    /** Same, with this many layers on a GPU. */
    public LoadOptions withGpuLayers(int value) {
        return new LoadOptions(value, memoryMapped);
    }

    /** Same, mapping the file or reading it. */
    public LoadOptions withMemoryMapped(boolean value) {
        return new LoadOptions(gpuLayers, value);
    }
}
