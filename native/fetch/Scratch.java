package fetch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory beside the targets, so that what is ready moves into place in one step; it is gone in the end. */
final class Scratch implements AutoCloseable {

    private final Path directory;
    private final Thread onExit = new Thread(this::deleteQuietly);
    private int used;

    Scratch(Path parent) throws IOException {
        directory = Files.createDirectories(parent)
                .resolve(".fetch." + ProcessHandle.current().pid());
        Files.createDirectories(directory);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** A new empty directory, with the rights that all directories get. */
    Path room() throws IOException {
        return Files.createDirectory(directory.resolve(Integer.toString(used++)));
    }

    /** Puts a directory in the place of another. */
    static void replace(Path target, Path fresh) throws IOException {
        delete(target);
        Files.createDirectories(target.toAbsolutePath().getParent());
        Files.move(fresh, target);
    }

    static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(path)) {
            entries = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
    }

    @Override
    public void close() {
        deleteQuietly();
    }

    private void deleteQuietly() {
        try {
            delete(directory);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("fetch: " + directory + " is left over: " + e.getMessage());
        }
    }
}
