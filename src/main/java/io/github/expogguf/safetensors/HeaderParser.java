package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON of a header: a name, and {@code {"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}} for each tensor. */
final class HeaderParser {

    private static final String METADATA = "__metadata__";
    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");
    private static final int MAX_DIMENSIONS = 64; // of PyTorch
    private static final int SURE_DIGITS = 18; // of a long

    private final Path path;
    private final int fileIndex;
    private final Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
    private @Nullable Map<String, String> metadata;

    HeaderParser(Path path, int fileIndex) {
        this.path = path;
        this.fileIndex = fileIndex;
    }

    SafetensorsFile parse(String header, long dataOffset, long fileBytes) {
        try {
            JsonReader.readMembers(header, this::take);
        } catch (JsonException malformed) {
            throw problem("the header is not JSON: " + malformed.getMessage());
        }
        List<SafetensorsTensor> inOrder = tensors.values().stream()
                .sorted(Comparator.comparingLong(SafetensorsTensor::begin).thenComparingLong(SafetensorsTensor::bytes))
                .toList();
        checkData(inOrder, dataOffset, fileBytes);
        return new SafetensorsFile(path, inOrder, dataOffset, fileBytes, metadata == null ? Map.of() : metadata);
    }

    private void take(String name, @Nullable Object value) {
        if (name.equals(METADATA)) {
            if (metadata != null) {
                throw problem(METADATA + " is there twice, expected once" + JsonFile.WAY_OUT);
            }
            metadata = metadata(value);
        } else if (tensors.put(name, tensor(name, value)) != null) {
            throw problem(name, "is there twice, expected once" + JsonFile.WAY_OUT);
        }
    }

    private Map<String, String> metadata(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> pairs)) {
            throw problem(METADATA + " is no JSON object");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        pairs.forEach((key, text) -> {
            if (!(text instanceof String string)) {
                throw problem(METADATA + ": the value of " + Escape.quote((String) key) + " is no text");
            }
            texts.put((String) key, string);
        });
        return texts;
    }

    private SafetensorsTensor tensor(String name, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> fields) || !fields.keySet().equals(FIELDS)) {
            throw problem(name, "expected an object of dtype, shape and data_offsets");
        }
        SafetensorsType type = type(name, fields.get("dtype"));
        List<Long> shape = numbers(name, "shape", fields.get("shape"), MAX_DIMENSIONS);
        List<Long> offsets = numbers(name, "data_offsets", fields.get("data_offsets"), 2);
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw problem(name, "data_offsets are " + offsets + ", expected a begin and an end");
        }
        long bytes = offsets.get(1) - offsets.get(0);
        if (bytes != expectedBytes(name, type, shape)) {
            throw problem(
                    name,
                    "data of " + bytes + " bytes, expected " + expectedBytes(name, type, shape) + " for " + type + " "
                            + shape);
        }
        return new SafetensorsTensor(name, type, shape, offsets.get(0), bytes, fileIndex);
    }

    private SafetensorsType type(String name, @Nullable Object value) {
        for (SafetensorsType type : SafetensorsType.values()) {
            if (type.name().equals(value)) {
                return type;
            }
        }
        String found = value instanceof String text ? Escape.quote(text) : "no text";
        throw problem(name, "dtype is " + found + ", expected one of " + Arrays.toString(SafetensorsType.values()));
    }

    private List<Long> numbers(String name, String field, @Nullable Object value, int most) {
        if (!(value instanceof List<?> list) || list.size() > most) {
            throw problem(name, field + " is no JSON array of at most " + most + " numbers");
        }
        List<Long> numbers = new ArrayList<>(list.size());
        for (Object each : list) {
            if (!(each instanceof JsonNumber number) || !number.text().matches("[0-9]{1," + SURE_DIGITS + "}")) {
                throw problem(
                        name,
                        field + ": element " + numbers.size() + " is no whole number of at most " + SURE_DIGITS
                                + " digits");
            }
            numbers.add(Long.valueOf(number.text()));
        }
        return numbers;
    }

    private long expectedBytes(String name, SafetensorsType type, List<Long> shape) {
        long bits;
        try {
            bits = Math.multiplyExact(SafetensorsTensor.elementCount(shape), (long) type.bits());
        } catch (ArithmeticException _) {
            throw problem(name, "shape " + shape + " of " + type + " has 2^63 bits or more");
        }
        if (bits % Byte.SIZE != 0) {
            throw problem(name, "shape " + shape + " of " + type + " has " + bits + " bits, expected whole bytes");
        }
        return bits / Byte.SIZE;
    }

    /** The data has no gaps, no overlaps, and ends where the file does. */
    private void checkData(List<SafetensorsTensor> inOrder, long dataOffset, long fileBytes) {
        long end = 0;
        for (SafetensorsTensor tensor : inOrder) {
            if (tensor.begin() != end) {
                throw problem(
                        tensor.name(),
                        "data begins at byte " + tensor.begin() + " of the data section, expected " + end
                                + ", where that of the tensor before ends");
            }
            end += tensor.bytes();
        }
        if (end > fileBytes - dataOffset) {
            throw problem("the file has " + fileBytes + " bytes, expected " + (dataOffset + end)
                    + "; is the download complete?");
        }
        if (end < fileBytes - dataOffset) {
            throw problem("the data ends at byte " + (dataOffset + end) + ", but the file has " + fileBytes + " bytes, "
                    + (fileBytes - dataOffset - end) + " too many");
        }
    }

    private SafetensorsFormatException problem(String tensor, String text) {
        return problem("tensor " + Escape.quote(tensor) + ": " + text);
    }

    private SafetensorsFormatException problem(String text) {
        return new SafetensorsFormatException(path, -1, text);
    }
}
