package io.github.expogguf.cli.files;

import io.github.expogguf.gguf.SplitNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells what a file or a folder is. Reads beginnings and headers, never fails, and runs no native code. */
public final class FileProbe {

    private FileProbe() {}

    /** What the paths are; a folder of GGUF files counts as those, and the shards of a set as one model. */
    public static List<FoundFile> lookAtAll(List<Path> paths) {
        List<FoundFile> found = new ArrayList<>();
        Set<Path> sets = new HashSet<>();
        for (Path path : paths) {
            for (Path each : ggufs(path)) {
                if (set(each).isEmpty() || sets.add(set(each).get())) {
                    found.add(look(each));
                }
            }
        }
        return found;
    }

    /** What all shards of a set have in common; empty for anything else. */
    private static Optional<Path> set(Path path) {
        Path file = path.toAbsolutePath().normalize();
        String name = String.valueOf(file.getFileName());
        String prefix = SplitNames.prefix(name);
        return Optional.of(file.resolveSibling(prefix)).filter(_ -> name.startsWith(prefix + "-"));
    }

    private static List<Path> ggufs(Path path) {
        try {
            if (Files.isDirectory(path)) {
                ModelFolder folder = new ModelFolder(path);
                return folder.isCheckpoint() || folder.ggufs().isEmpty() ? List.of(path) : folder.ggufs();
            }
        } catch (IOException _) {
            // which the look at it tells
        }
        return List.of(path);
    }

    /** What the path is. */
    public static FoundFile look(Path path) {
        try {
            return Files.isDirectory(path) ? new ModelFolder(path).look() : FileLook.of(path);
        } catch (NoSuchFileException _) {
            return FoundFile.of(path, FileKind.MISSING, "no such file", 0);
        } catch (IOException | RuntimeException failure) {
            return FoundFile.of(path, FileKind.UNREADABLE, "cannot be read: " + failure.getMessage(), 0);
        }
    }

    /** What to add to a message that refuses a file; begins with a semicolon, empty where there is nothing to tell. */
    public static String ending(Path path) {
        String ending = look(path).ending();
        return ending.isEmpty() ? "" : "; " + ending;
    }
}
