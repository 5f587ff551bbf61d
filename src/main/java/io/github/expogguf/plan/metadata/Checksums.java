package io.github.expogguf.plan.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What a file held when it was written, as its own metadata tells under {@code expo.checksum.*}: of every tensor the
 * name, type, shape and the CRC-32C of its data, and one CRC-32C of all other metadata. It names tensors, so that it
 * holds whatever the order of the tensors and however they are split over files.
 *
 * @param tensors  what is said of each tensor, by name
 * @param metadata CRC-32C of the metadata
 */
public record Checksums(Map<String, Entry> tensors, int metadata) {

    /** Beginning of the keys. */
    public static final String PREFIX = RecipeKeys.PREFIX + "checksum.";

    private static final String TENSORS = PREFIX + "tensors";
    private static final String METADATA = PREFIX + "metadata";

    private static final HexFormat HEX = HexFormat.of();

    /**
     * A tensor as it was written.
     *
     * @param type   name of its type
     * @param shape  its dimensions without trailing ones, as in {@code 4096x32000}
     * @param crc32c checksum of its data, without padding
     */
    public record Entry(String type, String shape, int crc32c) {

        /** Same type and same shape. */
        public boolean fits(TensorInfo tensor) {
            return type.equals(tensor.type().name()) && shape.equals(dimensions(tensor.shape()));
        }

        /** As in {@code F16 4096x32000}. */
        public String typeAndShape() {
            return type + " " + shape;
        }
    }

    /** Copies the map. */
    public Checksums {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** The metadata with places for the checksums: zeros, which {@link #fillIn} replaces without changing its size. */
    public static Metadata plan(Metadata metadata, List<TensorTask> tasks) {
        return planSpecs(
                metadata,
                tasks.stream()
                        .map(task -> TensorSpec.of(task.aligned()).withType(task.targetType()))
                        .toList());
    }

    /** The same for tensors that are no tensors of a model. */
    public static Metadata planSpecs(Metadata metadata, List<TensorSpec> tensors) {
        List<String> lines = tensors.stream()
                .map(tensor -> line(tensor.name(), tensor.type(), tensor.shape()))
                .toList();
        return with(with(metadata, TENSORS, MetadataValue.ofStrings(lines)), METADATA, hex(0));
    }

    /**
     * Puts the checksums into their places, that of the metadata last.
     *
     * @param metadata metadata of a plan, final in everything else
     * @param crc32c   checksums of the tensors' data, in the order of the plan
     * @throws IllegalArgumentException if the metadata has no places for so many
     */
    public static Metadata fillIn(Metadata metadata, int[] crc32c) {
        List<String> lines = new ArrayList<>(metadata.get(TENSORS)
                .orElseThrow(() -> new IllegalArgumentException("the metadata has no " + TENSORS))
                .asStrings());
        if (lines.size() != crc32c.length) {
            throw new IllegalArgumentException(crc32c.length + " checksums for " + lines.size() + " tensors");
        }
        for (int i = 0; i < crc32c.length; i++) {
            String line = lines.get(i);
            lines.set(i, line.substring(0, line.lastIndexOf(' ') + 1) + HEX.toHexDigits(crc32c[i]));
        }
        Metadata recorded = with(metadata, TENSORS, MetadataValue.ofStrings(lines));
        return with(recorded, METADATA, hex(ofMetadata(recorded)));
    }

    /**
     * Reads the checksums of a file; empty if it has none.
     *
     * @throws VerificationException if they are incomplete or cannot be read
     */
    public static Optional<Checksums> read(Metadata metadata) {
        if (metadata.keys().stream().noneMatch(key -> key.startsWith(PREFIX))) {
            return Optional.empty();
        }
        List<String> lines = metadata.get(TENSORS)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING)
                .map(MetadataValue::asStrings)
                .orElseThrow(() -> new VerificationException("the checksums are incomplete: no strings " + TENSORS));
        String own = metadata.string(METADATA)
                .orElseThrow(() -> new VerificationException("the checksums are incomplete: no string " + METADATA));
        Map<String, Entry> tensors = new LinkedHashMap<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            int count = words.length;
            if (count < 4) {
                throw new VerificationException(
                        TENSORS + ": " + Escape.quote(line) + " is not NAME TYPE SHAPE CHECKSUM");
            }
            String name = line.substring(
                    0,
                    line.length()
                            - words[count - 1].length()
                            - words[count - 2].length()
                            - words[count - 3].length()
                            - 3);
            tensors.put(name, new Entry(words[count - 3], words[count - 2], parse(words[count - 1])));
        }
        return Optional.of(new Checksums(tensors, parse(own)));
    }

    /**
     * CRC-32C of the pairs as they stand in a file, sorted by the bytes of their keys, without {@code split.*}, which
     * tools that split and join files change, and without its own key.
     */
    public static int ofMetadata(Metadata metadata) {
        SortedMap<byte[], String> keys = new TreeMap<>(Arrays::compareUnsigned);
        for (String key : metadata.keys()) {
            if (!key.equals(METADATA) && !key.startsWith("split.")) {
                keys.put(key.getBytes(UTF_8), key);
            }
        }
        CRC32C crc = new CRC32C();
        keys.values().forEach(key -> metadata.pairBytes(key).forEach(crc::update));
        return (int) crc.getValue();
    }

    private static String line(String name, GgmlType type, Shape shape) {
        return name + " " + type + " " + dimensions(shape) + " " + HEX.toHexDigits(0);
    }

    /** Without trailing ones, which other writers drop. */
    private static String dimensions(Shape shape) {
        return new Shape(Arrays.copyOf(shape.dimensions(), shape.rank())).toString();
    }

    private static MetadataValue hex(int crc32c) {
        return MetadataValue.ofString(HEX.toHexDigits(crc32c));
    }

    private static int parse(String digits) {
        if (digits.length() != 8) {
            throw new VerificationException("checksum " + Escape.quote(digits) + ", expected 8 hexadecimal digits");
        }
        try {
            return HexFormat.fromHexDigits(digits);
        } catch (IllegalArgumentException malformed) {
            throw new VerificationException("checksum " + Escape.quote(digits) + ", expected 8 hexadecimal digits");
        }
    }

    private static Metadata with(Metadata metadata, String key, MetadataValue value) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(key, value);
        return new Metadata(values);
    }
}
