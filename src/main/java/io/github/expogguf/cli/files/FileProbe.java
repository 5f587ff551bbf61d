package io.github.expogguf.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Tells what a file or a folder is. Reads beginnings and headers, never fails, and runs no native code. */
public final class FileProbe {

    private FileProbe() {}

    /** What the paths are; a folder of GGUF files counts as those. */
    public static List<FoundFile> lookAtAll(List<Path> paths) {
        List<FoundFile> found = new ArrayList<>();
        for (Path path : paths) {
            ggufs(path).forEach(each -> found.add(look(each)));
        }
        return found;
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
