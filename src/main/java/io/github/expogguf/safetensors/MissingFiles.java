package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files that an index or a number in a name announces, and that are not there. */
final class MissingFiles {

    private MissingFiles() {}

    static List<Path> of(List<Path> paths) {
        return paths.stream().filter(path -> !Files.exists(path)).toList();
    }

    /** @param whoseWord that they should be there */
    static void requireNone(List<Path> paths, String whoseWord) {
        List<Path> missing = of(paths);
        if (!missing.isEmpty()) {
            throw new SafetensorsFormatException(
                    missing.getFirst(),
                    -1,
                    "is missing"
                            + switch (missing.size()) {
                                case 1 -> "";
                                case 2 -> ", as another of the set is";
                                default -> ", as " + (missing.size() - 1) + " others of the set are";
                            }
                            + ", which " + whoseWord + "; it belongs in the same folder");
        }
    }

    /**
     * Refuses an index that has a file under another name than the folder: one of its tensors is in a file that is
     * there.
     *
     * @param named what the index names
     * @param there files in safetensors
     */
    static void requireNames(CheckpointIndex index, List<Path> named, List<Path> there) throws IOException {
        List<String> missing =
                of(named).stream().map(path -> path.getFileName().toString()).toList();
        if (missing.isEmpty()) {
            return;
        }
        for (Path path : there.stream().filter(Files::exists).toList()) {
            for (SafetensorsTensor tensor : tensors(path)) {
                String file = index.fileOf().get(tensor.name());
                if (file != null && missing.contains(file)) {
                    throw new SafetensorsFormatException(
                            index.path(),
                            -1,
                            "has " + Escape.quote(tensor.name()) + " in " + file + ", which is not there, and it is in "
                                    + Escape.text(path.getFileName().toString())
                                    + "; download the index again, or give the files the names that it has");
                }
            }
        }
    }

    /** What is wrong with a file is told when it is opened. */
    private static List<SafetensorsTensor> tensors(Path path) throws IOException {
        try (InputFile file = SafetensorsReader.open(path)) {
            return SafetensorsReader.read(file, 0).tensors();
        } catch (SafetensorsFormatException _) {
            return List.of();
        }
    }
}
