package io.github.expogguf.imatrix;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * What an importance matrix is made of: for each matrix of a model the sums of the squares of what it was multiplied
 * with, and how many rows these were. Written, they are the file that llama-imatrix of llama.cpp v0.5.0 writes
 * ({@code save_imatrix} in imatrix.cpp). Nobody changes the arrays any more.
 */
public final class ImatrixSums {

    private static final int PIECE_VALUES = 1 << 16;

    private final SortedMap<String, Entry> entries;
    private final List<String> datasets;
    private final int chunkTokens;

    /**
     * Of one matrix, or of the experts of one stack.
     *
     * @param sums   sums of squares, {@code [counts.length, rowLength]}; finite
     * @param counts rows that were summed: one for a matrix, for experts one each
     */
    public record Entry(float[] sums, long[] counts) {

        /** Checks that they fit each other. */
        public Entry {
            Objects.requireNonNull(sums, "sums");
            Objects.requireNonNull(counts, "counts");
            if (counts.length == 0 || sums.length == 0 || sums.length % counts.length != 0) {
                throw new IllegalArgumentException(sums.length + " sums for " + counts.length + " counts");
            }
        }
    }

    /**
     * Takes over the arrays.
     *
     * @param entries     by the names of tensors, at least one
     * @param datasets    names of the texts that were read
     * @param chunkTokens tokens of a chunk of these texts, at least 1
     */
    public ImatrixSums(Map<String, Entry> entries, List<String> datasets, int chunkTokens) {
        this.entries = new TreeMap<>(Elements.require(entries, "entries"));
        this.datasets = Elements.copy(datasets, "datasets");
        this.chunkTokens = chunkTokens;
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("no entries");
        }
        if (chunkTokens < 1) {
            throw new IllegalArgumentException("chunkTokens is " + chunkTokens + ", expected at least 1");
        }
    }

    /** {@return the names of the tensors, in order, with what was summed of each} */
    public Map<String, Entry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    /** {@return names of the texts} */
    public List<String> datasets() {
        return datasets;
    }

    /** {@return tokens of a chunk} */
    public int chunkTokens() {
        return chunkTokens;
    }

    /** {@return chunks that the matrix which was asked most has seen, as llama-imatrix counts them} */
    public long chunkCount() {
        return entries.values().stream()
                        .flatMapToLong(entry -> LongStream.of(entry.counts))
                        .max()
                        .orElseThrow()
                / chunkTokens;
    }

    /** {@return experts that no token of the texts was sent to, of all tensors} */
    public long unaskedExperts() {
        return entries.values().stream()
                .flatMapToLong(entry -> LongStream.of(entry.counts))
                .filter(count -> count == 0)
                .count();
    }

    /**
     * {@return the weights, as they are read from the file that {@link #write} writes}
     *
     * @param fileName what such a file is called, without directories
     */
    public Imatrix imatrix(String fileName) {
        Objects.requireNonNull(fileName, "fileName");
        Map<String, float[]> weights = new HashMap<>();
        Map<String, Imatrix.Unasked> unasked = new HashMap<>();
        entries.forEach((name, entry) -> {
            float[] counts = floats(entry.counts);
            weights.put(name, InputMeans.divide(entry.sums.clone(), counts));
            unasked.put(name, new Imatrix.Unasked(InputMeans.countUnasked(counts), counts.length));
        });
        Imatrix.Source source = new Imatrix.Source(fileName, datasets, chunkCount(), sha256());
        return new Imatrix(weights, unasked, List.of(), Optional.of(source));
    }

    private static float[] floats(long[] counts) {
        float[] values = new float[counts.length];
        for (int i = 0; i < counts.length; i++) {
            values[i] = counts[i];
        }
        return values;
    }

    /** {@return the digest of the file that {@link #write} writes, 64 hexadecimal digits} */
    public String sha256() {
        MessageDigest digest = Sha256.newDigest();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nowhere is never full
        }
        return Sha256.digits(digest);
    }

    /** {@return bytes of the file that {@link #write} writes} */
    public long fileBytes() {
        return layout(Map.of(), GgmlType.F32).fileBytes();
    }

    /**
     * Writes the file.
     *
     * @param out is not closed
     * @throws IOException if it fails
     */
    public void write(OutputStream out) throws IOException {
        Objects.requireNonNull(out, "out");
        write(out, Map.of(), GgmlType.F32);
    }

    /**
     * Same, with more.
     *
     * @param more       metadata behind the usual
     * @param countsType F32, which has no large odd numbers, or I64
     */
    void write(OutputStream out, Map<String, MetadataValue> more, GgmlType countsType) throws IOException {
        GgufLayout layout = layout(more, countsType);
        try (Arena arena = Arena.ofConfined()) {
            out.write(layout.header(arena).toArray(ValueLayout.JAVA_BYTE));
        }
        int tensor = 0;
        for (Entry entry : entries.values()) {
            write(out, entry.sums);
            out.write(new byte[layout.paddingBytes(tensor++)]);
            if (countsType == GgmlType.I64) {
                write(out, entry.counts);
            } else {
                write(out, floats(entry.counts));
            }
            out.write(new byte[layout.paddingBytes(tensor++)]);
        }
    }

    private GgufLayout layout(Map<String, MetadataValue> more, GgmlType countsType) {
        Map<String, MetadataValue> metadata = new LinkedHashMap<>();
        metadata.put("general.type", MetadataValue.ofString("imatrix"));
        metadata.put(GgufImatrix.DATASETS, MetadataValue.ofStrings(datasets));
        metadata.put(GgufImatrix.CHUNK_COUNT, MetadataValue.ofUint32(chunkCount()));
        metadata.put(GgufImatrix.CHUNK_SIZE, MetadataValue.ofUint32(chunkTokens));
        metadata.putAll(more);
        List<TensorSpec> specs = new ArrayList<>();
        entries.forEach((name, entry) -> {
            int experts = entry.counts.length;
            specs.add(
                    new TensorSpec(name + GgufImatrix.SUMS, GgmlType.F32, shape(entry.sums.length / experts, experts)));
            specs.add(new TensorSpec(name + GgufImatrix.COUNTS, countsType, shape(1, experts)));
        });
        return GgufLayout.of(new Metadata(metadata), specs);
    }

    private static Shape shape(long rowLength, long experts) {
        return experts == 1 ? new Shape(rowLength) : new Shape(rowLength, experts);
    }

    private static void write(OutputStream out, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * Math.min(PIECE_VALUES, values.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += PIECE_VALUES) {
            int count = Math.min(PIECE_VALUES, values.length - from);
            bytes.asFloatBuffer().put(values, from, count);
            out.write(bytes.array(), 0, Float.BYTES * count);
        }
    }

    private static void write(OutputStream out, long[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        out.write(bytes.array());
    }
}
