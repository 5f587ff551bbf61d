package io.github.expogguf.imatrix;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Elements;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Sums of a text that is read in part. The file that keeps them is that of {@link ImatrixSums} with exact counts, so
 * that no program takes it for an importance matrix, and with what the sums are of.
 *
 * @param sums   so far
 * @param chunks of the text that were read
 * @param key    everything that decides the sums, as text
 */
public record UnfinishedImatrix(ImatrixSums sums, int chunks, String key) {

    private static final String CHUNKS = "expo.imatrix.chunks";
    private static final String KEY = "expo.imatrix.key";

    /** Refuses null. */
    public UnfinishedImatrix {
        Objects.requireNonNull(sums, "sums");
        Objects.requireNonNull(key, "key");
        if (chunks < 1) {
            throw new IllegalArgumentException("chunks is " + chunks + ", expected at least 1");
        }
    }

    /**
     * Writes the file.
     *
     * @param out is not closed
     * @throws IOException if it fails
     */
    public void write(OutputStream out) throws IOException {
        Objects.requireNonNull(out, "out");
        sums.write(out, Map.of(CHUNKS, MetadataValue.ofUint32(chunks), KEY, MetadataValue.ofString(key)), GgmlType.I64);
    }

    /**
     * Reads such a file.
     *
     * @param path a file
     * @return what it holds
     * @throws GgufFormatException if it is another file
     * @throws IOException         if it cannot be read
     */
    public static UnfinishedImatrix read(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        try (GgufModel file = GgufModel.open(path)) {
            Metadata metadata = file.header().metadata();
            Map<String, TensorInfo> tensors = new HashMap<>();
            file.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
            Map<String, ImatrixSums.Entry> entries = new HashMap<>();
            for (TensorInfo sums : file.header().tensors()) {
                if (sums.name().endsWith(GgufImatrix.SUMS)) {
                    String name = sums.name().substring(0, sums.name().length() - GgufImatrix.SUMS.length());
                    entries.put(
                            name, entry(file, sums, Objects.requireNonNull(tensors.get(name + GgufImatrix.COUNTS))));
                }
            }
            List<String> datasets =
                    metadata.get(GgufImatrix.DATASETS).orElseThrow().asStrings();
            int chunkTokens = (int) metadata.integer(GgufImatrix.CHUNK_SIZE).orElseThrow();
            return new UnfinishedImatrix(
                    new ImatrixSums(entries, Elements.copy(datasets, "datasets"), chunkTokens),
                    (int) metadata.integer(CHUNKS).orElseThrow(),
                    metadata.string(KEY).orElseThrow());
        } catch (GgufFormatException e) {
            throw e;
        } catch (RuntimeException e) { // whatever is not there or of another type
            throw new GgufFormatException(path, -1, "not the partial file of an importance matrix");
        }
    }

    private static ImatrixSums.Entry entry(GgufModel file, TensorInfo sums, TensorInfo counts) throws IOException {
        if (sums.type() != GgmlType.F32 || counts.type() != GgmlType.I64) {
            throw new IllegalArgumentException(sums.type() + " and " + counts.type());
        }
        float[] floats = new float[Math.toIntExact(sums.shape().elementCount())];
        bytes(file, sums).asFloatBuffer().get(floats);
        long[] longs = new long[Math.toIntExact(counts.shape().elementCount())];
        bytes(file, counts).asLongBuffer().get(longs);
        return new ImatrixSums.Entry(floats, longs);
    }

    private static ByteBuffer bytes(GgufModel file, TensorInfo tensor) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
        file.read(tensor, 0, MemorySegment.ofArray(bytes));
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
