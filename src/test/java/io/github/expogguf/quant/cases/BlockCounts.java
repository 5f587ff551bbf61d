package io.github.expogguf.quant.cases;

import io.github.expogguf.gguf.GgmlType;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Blocks that were compared with ggml's, counted where that happens. Any thread may add. */
public final class BlockCounts {

    /** How many {@code make test-long} wants; 0 in other runs, which compare few. */
    private static final int WANTED = Integer.getInteger("expo.gguf.test.blocks", 0);

    /** The types it wants them of; all if there are none. */
    private static final Set<GgmlType> TYPES = Pattern.compile("\\s+")
            .splitAsStream(System.getProperty("expo.gguf.test.types", ""))
            .filter(name -> !name.isEmpty())
            .map(GgmlType::valueOf)
            .collect(Collectors.toUnmodifiableSet());

    private final Map<GgmlType, Map<String, LongAdder>> counts = new ConcurrentSkipListMap<>();

    /** How many blocks of a type to compare, at least. */
    public static int wanted(GgmlType type) {
        return TYPES.isEmpty() || TYPES.contains(type) ? WANTED : 0;
    }

    /** Adds blocks to those of this type with which the same was done. */
    public void add(GgmlType type, String done, long blocks) {
        counts.computeIfAbsent(type, _ -> new ConcurrentSkipListMap<>())
                .computeIfAbsent(done, _ -> new LongAdder())
                .add(blocks);
    }

    /** A line for each type that many blocks were wanted of. */
    public void print() {
        counts.keySet().removeIf(type -> wanted(type) == 0);
        counts.forEach((type, all) -> System.out.println("%-8s as ggml: ".formatted(type)
                + all.entrySet().stream()
                        .map(entry -> String.format(
                                Locale.ROOT, "%,12d blocks %s", entry.getValue().sum(), entry.getKey()))
                        .collect(Collectors.joining(", "))));
    }
}
