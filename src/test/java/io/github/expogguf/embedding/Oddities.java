package io.github.expogguf.embedding;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** For every type of argument the values that a careful caller does not pass, by what they are called in a report. */
final class Oddities {

    /** Kinds of lists, sets and maps, of which callers are to be told which parameter holds the null. */
    static final String OF_NULL = "of null";

    static final String OF_MANY_NULLS = "of many nulls";

    private final Map<Class<?>, Map<String, Object>> values = new HashMap<>();

    Oddities(Path directory) throws Exception {
        values.put(int.class, Map.of("-1", -1, "0", 0, "min", Integer.MIN_VALUE, "max", Integer.MAX_VALUE));
        values.put(long.class, Map.of("-1", -1L, "0", 0L, "min", Long.MIN_VALUE, "max", Long.MAX_VALUE));
        values.put(
                float.class,
                Map.of(
                        "-1",
                        -1f,
                        "0",
                        0f,
                        "NaN",
                        Float.NaN,
                        "infinity",
                        Float.POSITIVE_INFINITY,
                        "max",
                        Float.MAX_VALUE));
        values.put(
                double.class,
                Map.of(
                        "-1",
                        -1.0,
                        "0",
                        0.0,
                        "NaN",
                        Double.NaN,
                        "infinity",
                        Double.POSITIVE_INFINITY,
                        "max",
                        Double.MAX_VALUE));
        values.put(boolean.class, Map.of("true", true));
        values.put(
                int[].class,
                Map.of(
                        "empty",
                        new int[0],
                        "-1",
                        new int[] {-1},
                        "max",
                        new int[] {Integer.MAX_VALUE},
                        "long",
                        new int[100_000]));
        values.put(long[].class, Map.of("empty", new long[0], "-1", new long[] {-1}, "max", new long[] {
            Long.MAX_VALUE, Long.MAX_VALUE
        }));
        values.put(
                float[].class, Map.of("empty", new float[0], "NaN", new float[] {Float.NaN, Float.NEGATIVE_INFINITY}));
        values.put(
                double[].class,
                Map.of("empty", new double[0], "NaN", new double[] {Double.NaN, Double.NEGATIVE_INFINITY}));
        values.put(byte[].class, Map.of("empty", new byte[0], "long", new byte[100_000]));
        values.put(
                String.class,
                Map.of(
                        "empty",
                        "",
                        "NUL",
                        "a\0b",
                        "long",
                        "x".repeat(100_000),
                        "control",
                        "\u001b[31m\u202e\n",
                        "surrogate",
                        "\ud800",
                        "percent",
                        "%s%n{%"));
        values.put(
                List.class,
                Map.of(
                        "empty",
                        List.of(),
                        OF_NULL,
                        Collections.singletonList(null),
                        OF_MANY_NULLS,
                        Arrays.asList(new Object[9])));
        values.put(Set.class, Map.of("empty", Set.of(), OF_NULL, Collections.singleton(null)));
        values.put(Map.class, Map.of("empty", Map.of(), OF_NULL, Collections.singletonMap(null, null)));
        values.put(Path.class, paths(directory));
        values.put(MemorySegment.class, segments(directory));
    }

    private static Map<String, Object> paths(Path directory) throws IOException {
        return Map.of(
                "missing", directory.resolve("missing"),
                "a directory", Files.createDirectories(directory.resolve("directory")),
                "empty", Path.of(""),
                "root", Path.of("/"),
                "an empty file", Files.createFile(directory.resolve("empty.gguf")),
                "a device", Path.of("/dev/zero"));
    }

    private static Map<String, Object> segments(Path directory) throws Exception {
        Path mapped = Files.write(directory.resolve("mapped"), new byte[8192]);
        Map<String, Object> segments = new LinkedHashMap<>();
        Arena closed = Arena.ofConfined();
        segments.put("of a closed arena", closed.allocate(4096, 64));
        closed.close();
        segments.put(
                "of another thread",
                CompletableFuture.supplyAsync(() -> Arena.ofConfined().allocate(4096, 64))
                        .get());
        segments.put("read-only", Arena.ofAuto().allocate(4096, 64).asReadOnly());
        segments.put("on the heap", MemorySegment.ofArray(new byte[4096]));
        segments.put("on the heap, long[]", MemorySegment.ofArray(new long[512]));
        segments.put("empty", Arena.ofAuto().allocate(0));
        segments.put("misaligned", Arena.ofAuto().allocate(4100, 64).asSlice(1, 4096));
        segments.put("NULL", MemorySegment.NULL);
        segments.put("too long to be true", MemorySegment.NULL.reinterpret(0));
        try (FileChannel channel = FileChannel.open(mapped, StandardOpenOption.READ)) {
            segments.put("mapped", channel.map(FileChannel.MapMode.READ_ONLY, 0, 8192, Arena.global()));
        }
        Files.write(mapped, new byte[0]); // every access to the mapping is a fault now
        return segments;
    }

    /** The odd values of a type, and null where there can be one. */
    Map<String, Object> of(Class<?> type) {
        Map<String, Object> odd = new LinkedHashMap<>(values.getOrDefault(type, Map.of()));
        if (!type.isPrimitive()) {
            odd.put("null", null);
        }
        return odd;
    }
}
