package io.github.expogguf.safetensors;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The validated header of one file.
 *
 * @param tensors    in the order of their data, which is without gaps and ends with the file
 * @param dataOffset byte at which the data section begins
 * @param fileBytes  size of the file when it was read
 * @param metadata   {@code __metadata__} of the header
 */
public record SafetensorsFile(
        Path path, List<SafetensorsTensor> tensors, long dataOffset, long fileBytes, Map<String, String> metadata) {

    /** Copies list and map. */
    public SafetensorsFile {
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
}
