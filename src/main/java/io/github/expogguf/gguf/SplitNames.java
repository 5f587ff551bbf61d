package io.github.expogguf.gguf;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the files of a split model, {@code PREFIX-00002-of-00003.gguf} ({@code llama_split_path} in llama.cpp), and
 * the keys that each of them carries.
 */
public final class SplitNames {

    /** Key of the number of a shard, from 0; UINT16. */
    public static final String NUMBER_KEY = "split.no";

    /** Key of the number of shards; UINT16. */
    public static final String COUNT_KEY = "split.count";

    /** Key of the number of tensors of all shards together; INT32. */
    public static final String TENSORS_KEY = "split.tensors.count";

    /** Most shards of a set: {@code split.count} has 16 bits. */
    public static final int MAX_SHARDS = 0xFFFF;

    private static final String EXTENSION = ".gguf";

    private static final Pattern SHARD = Pattern.compile("(.+)-([0-9]{5})-of-([0-9]{5})\\.gguf", Pattern.DOTALL);

    private SplitNames() {}

    /**
     * {@return the name of one shard}
     *
     * @param prefix name without number and extension
     * @param number number from 0
     * @param count  number of shards
     */
    public static String shardName(String prefix, int number, int count) {
        Objects.requireNonNull(prefix, "prefix");
        return prefix + suffix(number, count);
    }

    /** What the name of a shard ends in. */
    static String suffix(int number, int count) {
        return String.format(Locale.ROOT, "-%05d-of-%05d.gguf", number + 1, count);
    }

    /** The prefix of a file if its name is the one of this shard. */
    static Optional<String> prefix(Path file, int number, int count) {
        String name = file.getFileName().toString();
        String suffix = suffix(number, count);
        return name.endsWith(suffix) && name.length() > suffix.length()
                ? Optional.of(name.substring(0, name.length() - suffix.length()))
                : Optional.empty();
    }

    /** The prefix of an output. */
    static String outputPrefix(Path file) {
        if (file.getFileName() == null) {
            throw new IllegalArgumentException(file + ": not the name of a file");
        }
        return prefix(file.getFileName().toString());
    }

    /**
     * {@return the prefix of a file named {@code PREFIX.gguf}, {@code PREFIX-00001-of-00003.gguf} or {@code PREFIX}}
     *
     * @param name name of a file, without its directory
     */
    public static String prefix(String name) {
        Objects.requireNonNull(name, "name");
        Matcher shard = SHARD.matcher(name);
        if (shard.matches()) {
            return shard.group(1);
        }
        return name.endsWith(EXTENSION) && name.length() > EXTENSION.length()
                ? name.substring(0, name.length() - EXTENSION.length())
                : name;
    }
}
