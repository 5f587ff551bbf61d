package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which files are a checkpoint.
 *
 * @param paths   in the order of their names
 * @param leftOut files of the folder in safetensors that are not read
 * @param index   that says which tensor is in which file
 */
record CheckpointFiles(List<Path> paths, List<Path> leftOut, Optional<CheckpointIndex> index) {

    private static final String SUFFIX = ".safetensors";
    private static final String INDEX_SUFFIX = ".safetensors.index.json";
    private static final String SINGLE = "model" + SUFFIX;
    private static final String INDEX = "model" + INDEX_SUFFIX;

    static boolean isNamed(Path path) {
        return Files.isDirectory(path)
                || name(path).endsWith(SUFFIX)
                || name(path).endsWith(INDEX_SUFFIX);
    }

    static CheckpointFiles find(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return inFolder(path);
        }
        String name = name(path);
        if (name.endsWith(INDEX_SUFFIX)) {
            return indexed(path);
        }
        Optional<ShardName> shard = ShardName.of(name);
        Path index = path.resolveSibling(shard.map(ShardName::prefix).orElse("model") + INDEX_SUFFIX);
        if (Files.exists(index) && CheckpointIndex.read(index).files().contains(name)) {
            return indexed(index);
        }
        return new CheckpointFiles(set(path), List.of(), Optional.empty());
    }

    private static CheckpointFiles inFolder(Path folder) throws IOException {
        Path index = folder.resolve(INDEX);
        if (Files.exists(index) && !isPassedOver(index)) {
            return indexed(index);
        }
        List<Path> all = list(folder);
        List<Path> chosen = chosen(all);
        if (chosen.isEmpty()) {
            throw new SafetensorsFormatException(folder, -1, "not a regular file, but " + others(folder));
        }
        Set<Path> whole = new LinkedHashSet<>();
        for (Path each : chosen) {
            whole.addAll(set(each));
        }
        return new CheckpointFiles(List.copyOf(whole), without(all, whole), Optional.empty());
    }

    /**
     * Whether an index is of other files than {@code model.safetensors} beside it, which transformers takes first
     * (5.18, {@code _get_resolved_checkpoint_files} in modeling_utils.py).
     */
    static boolean isPassedOver(Path index) throws IOException {
        return name(index).equals(INDEX)
                && Files.isRegularFile(index.resolveSibling(SINGLE))
                && !CheckpointIndex.read(index).files().contains(SINGLE);
    }

    /** Mistral publishes its weights a second time, under its own names, as consolidated.safetensors. */
    private static List<Path> chosen(List<Path> all) {
        List<Predicate<String>> wanted = List.of(
                name -> name.equals(SINGLE),
                name -> name.startsWith("model"),
                name -> !name.startsWith("consolidated"),
                _ -> true);
        for (Predicate<String> each : wanted) {
            List<Path> chosen =
                    all.stream().filter(path -> each.test(name(path))).toList();
            if (!chosen.isEmpty()) {
                return chosen;
            }
        }
        return List.of();
    }

    private static CheckpointFiles indexed(Path path) throws IOException {
        CheckpointIndex index = CheckpointIndex.read(path);
        List<Path> all = list(folder(path));
        List<Path> paths = named(index, all);
        MissingFiles.requireNone(paths, name(path) + " names");
        return new CheckpointFiles(paths, without(all, new LinkedHashSet<>(paths)), Optional.of(index));
    }

    /**
     * The files of an index, there or not.
     *
     * @param all files of its folder
     */
    private static List<Path> named(CheckpointIndex index, List<Path> all) throws IOException {
        List<Path> paths =
                index.files().stream().map(folder(index.path())::resolve).toList();
        MissingFiles.requireNames(index, paths, all);
        return paths;
    }

    /** The shards that belong to one, or a file by itself. */
    private static List<Path> set(Path path) {
        Optional<ShardName> shard = ShardName.of(name(path));
        if (shard.isEmpty()) {
            return List.of(path);
        }
        if (!shard.get().isOfSet()) {
            throw new SafetensorsFormatException(
                    path,
                    -1,
                    "shard " + shard.get().number() + " of " + shard.get().count());
        }
        List<Path> paths = shard.get().set().stream().map(path::resolveSibling).toList();
        MissingFiles.requireNone(paths, name(path) + " belongs with");
        return paths;
    }

    /**
     * Names of the files that a folder lacks.
     *
     * @throws SafetensorsFormatException if its index is none, or has files under other names
     */
    static List<String> missing(Path folder) throws IOException {
        Path index = folder.resolve(INDEX);
        List<Path> all = list(folder);
        if (Files.exists(index) && !isPassedOver(index)) {
            return MissingFiles.of(named(CheckpointIndex.read(index), all)).stream()
                    .map(CheckpointFiles::name)
                    .toList();
        }
        return chosen(all).stream()
                .flatMap(path -> ShardName.of(name(path)).filter(ShardName::isOfSet).stream())
                .flatMap(shard -> shard.set().stream())
                .distinct()
                .filter(name -> !Files.exists(folder.resolve(name)))
                .toList();
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> name(path).endsWith(SUFFIX)).sorted().toList();
        }
    }

    /** What it is, with what there is in place of them; what to do follows from that. */
    private static String others(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(CheckpointFiles::name).sorted().toList();
            String what = names.isEmpty() ? "an empty folder" : "a folder without *.safetensors";
            for (String name : names) {
                if (name.endsWith(".gguf")) {
                    return what + "; in it is the GGUF " + Escape.quote(name);
                }
                if (name.matches("(?s).*\\.(bin|pt|pth|ckpt)")) {
                    return what + "; in it is " + Escape.quote(name) + ", which only PyTorch reads";
                }
            }
            return what;
        }
    }

    private static List<Path> without(List<Path> all, Set<Path> used) {
        return all.stream().filter(path -> !used.contains(path)).toList();
    }

    static Path folder(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }

    /** A root has none. */
    private static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
