package io.github.expogguf;

import java.util.Objects;

/**
 * What llama.cpp can compute on.
 *
 * @param name        by which it is asked for: {@code CPU}, {@code Vulkan0}, {@code CUDA0}
 * @param description the name of the processor or the card
 * @param kind        what sort of device it is
 * @param totalBytes  its memory, which may be that of the machine; 0 if it does not say
 * @param freeBytes   what was free of it when it was asked; 0 if it does not say
 */
public record ComputeDevice(String name, String description, Kind kind, long totalBytes, long freeBytes) {
    /** Refuses null. */
    public ComputeDevice {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(kind, "kind");
    }

    /** What it is. */
    public enum Kind {
        /** The processor. */
        CPU,
        /** A GPU with memory of its own. */
        GPU,
        /** A GPU that shares the memory of the machine. */
        INTEGRATED_GPU,
        /** Works for the processor, on its memory, in some operations. */
        ACCELERATOR,
        /** Something that this version does not know. */
        OTHER
    }

    /** {@return whether layers can be kept on it} */
    public boolean isGpu() {
        return kind == Kind.GPU || kind == Kind.INTEGRATED_GPU;
    }

    /** {@code Vulkan0: name of the card}. */
    @Override
    public String toString() {
        return name + ": " + description;
    }
}
