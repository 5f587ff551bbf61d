package io.github.expogguf.cli.option;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Files by their names alone: a folder is of no use elsewhere, and may say more than somebody wants to publish. Where
 * several files have one name, numbered folders stand for theirs: {@code 1/prompts.jsonl} and {@code 2/prompts.jsonl}.
 */
final class FileNames {

    private final Map<Path, String> names = new LinkedHashMap<>();

    /** @param files in the order in which they are numbered; may hold a file more than once */
    FileNames(Collection<Path> files) {
        Map<String, Integer> count = new HashMap<>();
        for (Path file : files) {
            if (names.putIfAbsent(key(file), "") == null) {
                count.merge(last(file), 1, Integer::sum);
            }
        }
        Map<String, Integer> numbers = new HashMap<>();
        names.replaceAll((file, _) -> {
            String name = last(file);
            return Objects.requireNonNull(count.get(name)) == 1
                    ? name
                    : numbers.merge(name, 1, Integer::sum) + "/" + name;
        });
    }

    /** Name of one of the files. */
    String of(Path file) {
        return Objects.requireNonNull(names.get(key(file)), file::toString);
    }

    /** Name of one of the shards of one of the files. */
    String of(Path file, Path part) {
        String name = of(file);
        return name.substring(0, name.length() - last(file).length()) + last(part);
    }

    private static Path key(Path file) {
        return file.toAbsolutePath().normalize();
    }

    private static String last(Path file) {
        return String.valueOf(file.getFileName());
    }
}
