package io.github.expogguf.text;

import java.io.File;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What files and folders are called: the last parts of their paths, as many as tell those of one name apart. */
public final class ShortNames {

    private final Map<Path, String> names = new HashMap<>();

    private ShortNames() {}

    /** Of paths that are told of together. */
    public static ShortNames of(Collection<Path> paths) {
        ShortNames all = new ShortNames();
        paths.stream()
                .map(ShortNames::whole)
                .distinct()
                .collect(Collectors.groupingBy(path -> last(path, 1)))
                .values()
                .forEach(all::add);
        return all;
    }

    private void add(List<Path> ofOneName) {
        int most = ofOneName.stream().mapToInt(Path::getNameCount).max().orElse(1);
        int parts = 1;
        while (parts < most && !areApart(ofOneName, parts)) {
            parts++;
        }
        for (Path path : ofOneName) {
            names.put(path, last(path, parts));
        }
    }

    private static boolean areApart(List<Path> paths, int parts) {
        return paths.stream().map(path -> last(path, parts)).distinct().count() == paths.size();
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static String last(Path path, int parts) {
        int count = path.getNameCount();
        return count == 0
                ? path.toString()
                : path.subpath(Math.max(0, count - parts), count).toString();
    }

    /** What stands before the last part of the name of one of the paths; empty where that is no other's. */
    public String before(Path path) {
        String name = of(path);
        return name.substring(0, name.length() - last(whole(path), 1).length());
    }

    /** The last part of a name. */
    public static String withoutFolders(String name) {
        return name.substring(name.lastIndexOf(File.separatorChar) + 1);
    }

    /** The name of one of the paths. */
    public String of(Path path) {
        return names.getOrDefault(whole(path), last(whole(path), 1));
    }
}
