package io.github.expogguf;

import java.util.Objects;
import java.util.Optional;

/**
 * A part of llama.cpp that computes on one kind of device: a library beside the others, or one that is built in.
 *
 * @param name    {@code cpu}, {@code vulkan}, {@code cuda}, {@code metal} and so on
 * @param file    the library; of variants for several processors the best; empty for a backend that is built in
 * @param loaded  whether it was loaded
 * @param devices that it found
 * @param reason  what the system's loader, or the backend, said where it was not loaded or found no device
 */
public record ComputeBackend(String name, Optional<String> file, boolean loaded, int devices, Optional<String> reason) {
    /** Refuses null. */
    public ComputeBackend {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(reason, "reason");
    }

    /** {@code vulkan: not loaded: the words of the loader}. */
    @Override
    public String toString() {
        String state = !loaded ? "not loaded" : devices == 0 ? "loaded, no device" : "loaded";
        return name + ": " + state + reason.map(text -> ": " + text).orElse("");
    }
}
