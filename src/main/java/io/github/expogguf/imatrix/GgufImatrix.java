package io.github.expogguf.imatrix;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Importance matrices in GGUF: for each tensor {@code NAME.in_sum2}, sums of squared inputs
 * {@code [experts, rowLength]}, and {@code NAME.counts}, how many inputs were summed {@code [experts]}.
 */
final class GgufImatrix {

    static final String SUMS = ".in_sum2";
    static final String COUNTS = ".counts";
    static final String DATASETS = "imatrix.datasets";
    static final String CHUNK_COUNT = "imatrix.chunk_count";
    static final String CHUNK_SIZE = "imatrix.chunk_size";

    /** No text has so many tokens, and C's {@code lround} has no number from 2^63 up. */
    private static final float MAX_COUNT = 0x1p63f;

    private final Path path;
    private final GgufModel file;

    private GgufImatrix(Path path, GgufModel file) {
        this.path = path;
        this.file = file;
    }

    static ImatrixContent read(Path path) throws IOException {
        try (GgufModel file = GgufModel.open(path)) {
            return new GgufImatrix(path, file).read();
        }
    }

    private void requireAll(Map<String, ?> names, String suffix, Map<String, ?> others, String otherSuffix) {
        List<String> lone = names.keySet().stream()
                .filter(name -> !others.containsKey(name))
                .toList();
        if (!lone.isEmpty()) {
            throw problem("sums and counts do not belong together: " + Escape.quote(lone.getFirst()) + " has " + suffix
                    + " and no " + otherSuffix + (lone.size() > 1 ? ", as have " + (lone.size() - 1) + " more" : ""));
        }
    }

    private ImatrixContent read() throws IOException {
        Metadata metadata = file.header().metadata();
        for (String key : List.of(DATASETS, CHUNK_COUNT, CHUNK_SIZE)) {
            if (metadata.get(key).isEmpty()) {
                throw problem("not an imatrix: no " + key + " in its metadata");
            }
        }
        Map<String, TensorInfo> sums = new TreeMap<>();
        Map<String, TensorInfo> counts = new TreeMap<>();
        for (TensorInfo tensor : file.header().tensors()) {
            collect(tensor, SUMS, sums);
            collect(tensor, COUNTS, counts);
        }
        requireAll(sums, SUMS, counts, COUNTS);
        requireAll(counts, COUNTS, sums, SUMS);
        if (sums.isEmpty()) {
            throw problem("no entries");
        }
        Map<String, float[]> weights = new HashMap<>();
        Map<String, Imatrix.Unasked> unasked = new HashMap<>();
        for (var sum : sums.entrySet()) {
            String name = sum.getKey();
            float[] inputs = floats(Objects.requireNonNull(counts.get(name))); // the names are the same
            weights.put(name, normalize(name, floats(sum.getValue()), inputs));
            unasked.put(name, new Imatrix.Unasked(InputMeans.countUnasked(inputs), inputs.length));
        }
        long chunks = chunkCount(metadata);
        List<String> remarks = chunks > 0 ? List.of() : List.of("says that it was computed on no chunk of text");
        return new ImatrixContent(weights, unasked, datasets(metadata), chunks, remarks);
    }

    private void collect(TensorInfo tensor, String suffix, Map<String, TensorInfo> found) {
        if (!tensor.name().endsWith(suffix)) {
            return;
        }
        if (tensor.type() != GgmlType.F32) {
            throw problem("tensor " + Escape.quote(tensor.name()) + " is of type " + tensor.type() + ", expected F32");
        }
        found.put(tensor.name().substring(0, tensor.name().length() - suffix.length()), tensor);
    }

    private float[] normalize(String name, float[] sums, float[] counts) {
        if (sums.length % counts.length != 0) {
            throw problem(Escape.quote(name) + ": " + sums.length + " sums for " + counts.length + " counts");
        }
        for (int expert = 0; expert < counts.length; expert++) {
            if (counts[expert] >= MAX_COUNT) {
                throw problem(Escape.quote(name) + ": count " + expert + " is " + counts[expert]
                        + ", expected a number of inputs");
            }
        }
        return InputMeans.divide(sums, counts);
    }

    private float[] floats(TensorInfo tensor) throws IOException {
        if (tensor.byteCount() > Integer.MAX_VALUE - 8) {
            throw problem("tensor " + Escape.quote(tensor.name()) + " has " + tensor.byteCount() + " bytes");
        }
        byte[] bytes = new byte[(int) tensor.byteCount()];
        file.read(tensor, 0, MemorySegment.ofArray(bytes));
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        SourceModel.Place place = file.place(tensor).orElseThrow();
        ImatrixContent.checkValues(
                file.files().get(place.file()).path(), place.position(), Escape.quote(tensor.name()), values);
        return values;
    }

    private List<String> datasets(Metadata metadata) {
        MetadataValue value = metadata.get(DATASETS).orElseThrow();
        if (value.type() != MetadataType.ARRAY || value.elementType() != MetadataType.STRING) {
            throw problem(DATASETS + " is of type " + value.typeName() + ", expected ARRAY[STRING]");
        }
        return value.asStrings();
    }

    private long chunkCount(Metadata metadata) {
        MetadataValue value = metadata.get(CHUNK_COUNT).orElseThrow();
        if (value.type() != MetadataType.UINT32) {
            throw problem(CHUNK_COUNT + " is of type " + value.typeName() + ", expected UINT32");
        }
        return value.asLong();
    }

    private GgufFormatException problem(String problem) {
        return new GgufFormatException(path, -1, problem);
    }
}
