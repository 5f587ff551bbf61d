package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Blocks that were compared with ggml's, counted where that happens. Any thread may add. */
final class BlockCounts {

    private final Map<GgmlType, Map<String, LongAdder>> counts = new ConcurrentSkipListMap<>();

    /** Adds blocks to those of this type with which the same was done. */
    void add(GgmlType type, String done, long blocks) {
        counts.computeIfAbsent(type, _ -> new ConcurrentSkipListMap<>())
                .computeIfAbsent(done, _ -> new LongAdder())
                .add(blocks);
    }

    /** A line for each type. */
    void print() {
        counts.forEach((type, all) -> System.out.println("%-8s as ggml: ".formatted(type)
                + all.entrySet().stream()
                        .map(entry -> String.format(
                                Locale.ROOT, "%,12d blocks %s", entry.getValue().sum(), entry.getKey()))
                        .collect(Collectors.joining(", "))));
    }
}
