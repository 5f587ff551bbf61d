package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The index of the shards of a checkpoint.
 *
 * @param path    for messages
 * @param fileOf  tensor to file name
 */
record CheckpointIndex(Path path, Map<String, String> fileOf) {

    private static final int SHOWN = 5;

    static CheckpointIndex read(Path path) throws IOException {
        if (!(JsonFile.read(path).get("weight_map") instanceof Map<?, ?> map) || map.isEmpty()) {
            throw new SafetensorsFormatException(path, -1, "no weight_map of tensors to files" + JsonFile.WAY_OUT);
        }
        Map<String, String> fileOf = new LinkedHashMap<>();
        map.forEach((tensor, file) -> {
            if (!(file instanceof String name) || !isPlainName(name)) {
                throw new SafetensorsFormatException(
                        path,
                        -1,
                        "the file of " + Escape.quote((String) tensor) + " is "
                                + (file instanceof String text ? Escape.quote(text) : "no text")
                                + ", expected the name of a file in the same folder" + JsonFile.WAY_OUT);
            }
            fileOf.put((String) tensor, name);
        });
        return new CheckpointIndex(path, fileOf);
    }

    /** Whether it stays in the folder, on any operating system. */
    private static boolean isPlainName(String name) {
        if (!name.matches("[^/\\\\:\\p{Cntrl}]+\\.safetensors")) {
            return false;
        }
        try {
            return Path.of(name).getNameCount() == 1;
        } catch (InvalidPathException _) {
            return false;
        }
    }

    /** In the order of their names. */
    List<String> files() {
        return List.copyOf(new TreeSet<>(fileOf.values()));
    }

    /** The headers have the tensors that the index says, where it says. */
    void check(List<SafetensorsFile> files) {
        Map<String, String> left = new LinkedHashMap<>(fileOf);
        List<String> differences = new ArrayList<>();
        for (SafetensorsFile file : files) {
            String name = file.path().getFileName().toString();
            for (SafetensorsTensor tensor : file.tensors()) {
                if (!left.remove(tensor.name(), name)) {
                    differences.add(Escape.quote(tensor.name()) + " is in " + name + ", but not by the index");
                }
            }
        }
        left.forEach((tensor, file) ->
                differences.add(Escape.quote(tensor) + " is not in " + file + ", where the index has it"));
        if (!differences.isEmpty()) {
            List<String> first = differences.subList(0, Math.min(SHOWN, differences.size()));
            throw new SafetensorsFormatException(
                    path,
                    -1,
                    "does not agree with the files (" + Words.plural(differences.size(), "difference") + "): "
                            + String.join("; ", first)
                            + "; download the index and the files again, all of one revision");
        }
    }
}
