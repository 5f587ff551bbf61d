package io.github.expogguf.safetensors;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The name of a shard as Hugging Face numbers them, from 1: {@code model-00002-of-00005.safetensors}.
 *
 * @param prefix what stands before the number
 * @param number of the shard
 * @param count  shards of the set
 */
record ShardName(String prefix, int number, int count) {

    private static final Pattern PATTERN = Pattern.compile("(.+)-([0-9]{5})-of-([0-9]{5})\\.safetensors");

    /** Empty for other names. */
    static Optional<ShardName> of(String name) {
        Matcher matcher = PATTERN.matcher(name);
        return matcher.matches()
                ? Optional.of(new ShardName(
                        matcher.group(1), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3))))
                : Optional.empty();
    }

    boolean isOfSet() {
        return number >= 1 && number <= count;
    }

    /** The names of the whole set, in order. */
    List<String> set() {
        return IntStream.rangeClosed(1, count)
                .mapToObj(each -> String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", prefix, each, count))
                .toList();
    }
}
