package io.github.expogguf.infer;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Small models of several architectures with one thing wrong, in metadata or tensors: all that llama.cpp looks up by
 * a key of these files, or by one of the further keys that it knows ({@code LLM_KV_NAMES} of llama-arch.cpp, in a file
 * of the resources).
 */
final class HostileModels {

    private static final Sizes SMALL = Sizes.of(2, 32, 64, 4, 2);

    /** One model with one change. */
    record Hostile(String name, TinyModel model) {}

    private HostileModels() {}

    static Map<String, TinyModel> bases() {
        Map<String, TinyModel> bases = new LinkedHashMap<>();
        bases.put("llama", TinyModels.llama(SMALL));
        bases.put("mixtral", TinyModels.llama(SMALL.withExperts(4)));
        bases.put("qwen2", TinyModels.qwen2(SMALL));
        bases.put("qwen3", TinyModels.qwen3(SMALL, 8));
        bases.put("falcon", TinyModels.falcon(SMALL));
        bases.put("gpt2", TinyModels.gpt2(SMALL));
        bases.put("bert", TinyModels.bert(SMALL));
        bases.put("mamba", TinyModels.mamba(SMALL));
        return bases;
    }

    /** Every change to the metadata of the model, by its own keys and by those that llama.cpp knows besides. */
    static List<Hostile> metadata(String name, TinyModel base) {
        List<Hostile> all = new ArrayList<>();
        TreeSet<String> keys = new TreeSet<>(base.metadata().keys());
        for (String key : knownKeys()) {
            keys.add(key.replace("%s", base.metadata().architecture()));
        }
        keys.remove("general.alignment"); // of the file, not of the model, and checked by the reader
        for (String key : keys) {
            boolean isThere = base.metadata().get(key).isPresent();
            if (isThere) {
                all.add(new Hostile(name + " without " + key, base.without(key)));
            }
            values(isThere)
                    .forEach((what, value) ->
                            all.add(new Hostile(name + " " + key + "=" + what, base.with(key, value))));
            base.metadata()
                    .get(key)
                    .filter(value -> value.type() == MetadataType.ARRAY)
                    .ifPresent(value -> all.addAll(arrays(name, key, value, base)));
        }
        return all;
    }

    private static Map<String, MetadataValue> values(boolean isThere) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        for (long number : new long[] {0, 1, 3, 64, 1000, 1 << 20, Integer.MAX_VALUE, 1L << 31, 0xFFFF_FFFFL}) {
            values.put("u32:" + number, MetadataValue.ofUint32(number));
        }
        values.put("i32:-1", MetadataValue.ofInteger(MetadataType.INT32, -1));
        values.put("u16:1", MetadataValue.ofInteger(MetadataType.UINT16, 1));
        values.put("u64:max", MetadataValue.ofInteger(MetadataType.UINT64, -1));
        for (float number : new float[] {0, -1, 1e-30f, Float.NaN, Float.POSITIVE_INFINITY}) {
            values.put("f32:" + number, MetadataValue.ofFloat32(number));
        }
        values.put("true", MetadataValue.ofBoolean(true));
        values.put("empty string", MetadataValue.ofString(""));
        values.put("string", MetadataValue.ofString("llama"));
        values.put("percent string", MetadataValue.ofString("%s%n%d\0x"));
        values.put("no int32s", MetadataValue.ofInt32s());
        values.put("int32s", MetadataValue.ofInt32s(2, -1, 3));
        values.put("600 int32s", MetadataValue.ofInt32s(new int[600]));
        values.put("float32s", MetadataValue.ofFloat32s(0, Float.NaN));
        values.put("no strings", MetadataValue.ofStrings(List.of()));
        values.put("strings", MetadataValue.ofStrings(List.of("a", "", "b c")));
        if (!isThere) {
            values.keySet().removeAll(List.of("u32:64", "u32:1000", "u16:1", "f32:1.0E-30", "percent string"));
        }
        return values;
    }

    private static List<Hostile> arrays(String name, String key, MetadataValue value, TinyModel base) {
        List<Hostile> all = new ArrayList<>();
        if (value.elementType() == MetadataType.STRING) {
            List<String> strings = value.asStrings();
            all.add(new Hostile(
                    name + " half of " + key, base.with(key, MetadataValue.ofStrings(strings.subList(0, 160)))));
            List<String> twice = new ArrayList<>(strings);
            twice.addAll(strings.stream().map(text -> text + "x").toList());
            all.add(new Hostile(name + " twice " + key, base.with(key, MetadataValue.ofStrings(twice))));
            List<String> oneLong = new ArrayList<>(strings);
            oneLong.set(300, "x".repeat(70_000));
            all.add(new Hostile(name + " long " + key, base.with(key, MetadataValue.ofStrings(oneLong))));
            List<String> blank = new ArrayList<>(strings);
            blank.set(300, "");
            blank.set(10, "");
            all.add(new Hostile(name + " blank " + key, base.with(key, MetadataValue.ofStrings(blank))));
        } else {
            int count = (int) value.elementCount();
            all.add(new Hostile(name + " int32s " + key, base.with(key, MetadataValue.ofInt32s(new int[count]))));
            all.add(new Hostile(name + " float32s " + key, base.with(key, MetadataValue.ofFloat32s(new float[count]))));
            float[] nan = new float[count];
            Arrays.fill(nan, Float.NaN);
            all.add(new Hostile(name + " nan " + key, base.with(key, MetadataValue.ofFloat32s(nan))));
            int[] large = new int[count];
            Arrays.fill(large, Integer.MIN_VALUE);
            all.add(new Hostile(name + " large " + key, base.with(key, MetadataValue.ofInt32s(large))));
            all.add(new Hostile(name + " half " + key, base.with(key, MetadataValue.ofInt32s(new int[count / 2]))));
        }
        return all;
    }

    /** Every architecture that llama.cpp knows, on the tensors of another. */
    static List<Hostile> architectures(String name, TinyModel base) {
        String own = base.metadata().architecture() + ".";
        return lines("architectures.txt")
                .map(architecture -> {
                    Map<String, MetadataValue> values = new LinkedHashMap<>();
                    base.metadata()
                            .asMap()
                            .forEach((key, value) -> values.put(
                                    key.startsWith(own) ? architecture + "." + key.substring(own.length()) : key,
                                    value));
                    values.put("general.architecture", MetadataValue.ofString(architecture));
                    return new Hostile(
                            name + " as " + architecture, new TinyModel(new Metadata(values), base.tensors()));
                })
                .toList();
    }

    /** Every tensor left out, in other types, and in other shapes. */
    static List<Hostile> tensors(String name, TinyModel base) {
        List<Hostile> all = new ArrayList<>();
        for (TensorSpec tensor : base.tensors()) {
            all.add(new Hostile(
                    name + " without " + tensor.name(), base.select(other -> !other.equals(tensor.name()))));
            for (GgmlType type : List.of(
                    GgmlType.I8,
                    GgmlType.I32,
                    GgmlType.I64,
                    GgmlType.F64,
                    GgmlType.F16,
                    GgmlType.Q8_0,
                    GgmlType.Q8_1,
                    GgmlType.BF16)) {
                if (tensor.shape().rowLength() % type.blockSize() == 0) {
                    all.add(changed(name, base, tensor, type, tensor.shape()));
                }
            }
            long row = tensor.shape().rowLength();
            long rows = tensor.shape().rowCount();
            for (Shape shape : List.of(
                    new Shape(rows, row),
                    new Shape(row * rows),
                    new Shape(1),
                    new Shape(row, rows + 1),
                    new Shape(row, 1, 1, 3),
                    new Shape(row, rows, 2),
                    new Shape(row + 1, rows))) {
                all.add(changed(name, base, tensor, GgmlType.F32, shape));
            }
        }
        return all;
    }

    private static Hostile changed(String name, TinyModel base, TensorSpec tensor, GgmlType type, Shape shape) {
        return new Hostile(
                name + " " + tensor.name() + " as " + type + " " + shape,
                base.mapTensors(other ->
                        other.name().equals(tensor.name()) ? new TensorSpec(other.name(), type, shape) : other));
    }

    private static List<String> knownKeys() {
        return lines("metadata-keys.txt").toList();
    }

    private static Stream<String> lines(String resource) {
        try {
            return Files.readAllLines(Path.of("src/test/resources/llama.cpp/" + resource)).stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
