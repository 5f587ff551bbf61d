package io.github.expogguf.gguf;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.text.Escape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a file says of the set of files that it belongs to. The three keys must have the types that llama.cpp
 * demands. A file with {@code split.count} of 0 or 1, or
 * without it, stands alone, whatever its name.
 *
 * @param number      number of the file, from 0
 * @param count       number of files, at least 2
 * @param tensorCount tensors of all files together
 */
record SplitSet(int number, int count, int tensorCount) {

    /** What the header of a file says; empty if the file stands alone. */
    static Optional<SplitSet> of(GgufFile file) {
        Metadata metadata = file.metadata();
        if (metadata.get(SplitNames.COUNT_KEY).isEmpty()) {
            return Optional.empty();
        }
        int count = value(file, SplitNames.COUNT_KEY, MetadataType.UINT16);
        if (count <= 1) {
            return Optional.empty();
        }
        int number = value(file, SplitNames.NUMBER_KEY, MetadataType.UINT16);
        if (number >= count) {
            throw problem(
                    file.path(),
                    SplitNames.NUMBER_KEY + " is " + number + ", expected 0 to " + (count - 1) + " ("
                            + SplitNames.COUNT_KEY + " " + count + ")");
        }
        return Optional.of(new SplitSet(number, count, value(file, SplitNames.TENSORS_KEY, MetadataType.INT32)));
    }

    /** Paths of all files of the set, derived from the path of this one. */
    List<Path> paths(Path file) {
        String prefix = SplitNames.prefix(file, number, count)
                .orElseThrow(() -> problem(
                        file,
                        "is shard " + (number + 1) + " of " + count
                                + ", but its name does not end in '" + SplitNames.suffix(number, count)
                                + "', so that the other shards cannot be found"));
        return IntStream.range(0, count)
                .mapToObj(index -> file.resolveSibling(SplitNames.shardName(prefix, index, count)))
                .toList();
    }

    /** Checks that the files, in order, are exactly this set. */
    void check(List<GgufFile> files) {
        long found = 0;
        Map<String, Path> owners = new HashMap<>();
        for (int index = 0; index < files.size(); index++) {
            GgufFile file = files.get(index);
            SplitSet other = of(file).orElseThrow(() -> problem(
                    file.path(), "does not say that it is one of " + count + " shards (" + SplitNames.COUNT_KEY + ")"));
            require(file, SplitNames.NUMBER_KEY, other.number, index);
            require(file, SplitNames.COUNT_KEY, other.count, count);
            require(file, SplitNames.TENSORS_KEY, other.tensorCount, tensorCount);
            for (TensorInfo tensor : file.tensors()) {
                Path owner = owners.putIfAbsent(tensor.name(), file.path());
                if (owner != null) {
                    throw problem(
                            file.path(),
                            "tensor " + Escape.quote(tensor.name()) + " is in shard " + owner.getFileName()
                                    + " as well");
                }
            }
            found += file.tensors().size();
        }
        if (found != tensorCount) {
            throw problem(
                    files.getFirst().path(),
                    "the " + count + " shards hold " + found + " tensors, expected " + tensorCount + " ("
                            + SplitNames.TENSORS_KEY + ")");
        }
    }

    private static int value(GgufFile file, String key, MetadataType type) {
        MetadataValue value = file.metadata()
                .get(key)
                .orElseThrow(() -> problem(file.path(), "is one of several shards, but has no " + key));
        if (value.type() != type) {
            throw problem(file.path(), key + " is of type " + value.typeName() + ", expected " + type);
        }
        return (int) value.asLong();
    }

    private static void require(GgufFile file, String key, int actual, int expected) {
        if (actual != expected) {
            throw problem(file.path(), key + " is " + actual + ", expected " + expected);
        }
    }

    private static GgufFormatException problem(Path path, String text) {
        return new GgufFormatException(path, -1, text);
    }
}
