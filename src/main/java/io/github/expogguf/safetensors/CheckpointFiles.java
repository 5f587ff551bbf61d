package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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
    private static final Pattern SHARD = Pattern.compile("(.+)-([0-9]{5})-of-([0-9]{5})\\.safetensors");

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
        Matcher shard = SHARD.matcher(name);
        Path index = path.resolveSibling((shard.matches() ? shard.group(1) : "model") + INDEX_SUFFIX);
        if (Files.exists(index) && CheckpointIndex.read(index).files().contains(name)) {
            return indexed(index);
        }
        return new CheckpointFiles(shard.matches() ? set(path, shard) : List.of(path), List.of(), Optional.empty());
    }

    private static CheckpointFiles inFolder(Path folder) throws IOException {
        Path index = folder.resolve("model" + INDEX_SUFFIX);
        if (Files.exists(index)) {
            return indexed(index);
        }
        List<Path> all = list(folder);
        List<Path> chosen = chosen(all);
        if (chosen.isEmpty()) {
            throw new SafetensorsFormatException(folder, -1, "not a regular file, but " + others(folder));
        }
        Set<Path> whole = new LinkedHashSet<>();
        for (Path each : chosen) {
            Matcher shard = SHARD.matcher(name(each));
            whole.addAll(shard.matches() ? set(each, shard) : List.of(each));
        }
        return new CheckpointFiles(List.copyOf(whole), without(all, whole), Optional.empty());
    }

    /** Mistral publishes its weights a second time, under its own names, as consolidated.safetensors. */
    private static List<Path> chosen(List<Path> all) {
        List<Predicate<String>> wanted = List.of(
                name -> name.equals("model" + SUFFIX),
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
        Path folder = folder(path);
        List<Path> paths = index.files().stream().map(folder::resolve).toList();
        requireAll(paths, name(path) + " names");
        return new CheckpointFiles(paths, without(list(folder), new LinkedHashSet<>(paths)), Optional.of(index));
    }

    /** The shards that belong to one. */
    private static List<Path> set(Path path, Matcher shard) {
        int count = Integer.parseInt(shard.group(3));
        int number = Integer.parseInt(shard.group(2));
        if (number < 1 || number > count) {
            throw new SafetensorsFormatException(path, -1, "shard " + number + " of " + count);
        }
        List<Path> paths = IntStream.rangeClosed(1, count)
                .mapToObj(each -> path.resolveSibling(
                        String.format(Locale.ROOT, "%s-%05d-of-%s%s", shard.group(1), each, shard.group(3), SUFFIX)))
                .toList();
        requireAll(paths, name(path) + " belongs with");
        return paths;
    }

    private static void requireAll(List<Path> paths, String whoseWord) {
        List<Path> missing = new ArrayList<>();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                missing.add(path);
            }
        }
        if (!missing.isEmpty()) {
            throw new SafetensorsFormatException(
                    missing.getFirst(),
                    -1,
                    "is missing"
                            + (missing.size() == 1 ? "" : ", as " + (missing.size() - 1) + " others of the set are")
                            + ", which " + whoseWord + "; it belongs in the same folder");
        }
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
