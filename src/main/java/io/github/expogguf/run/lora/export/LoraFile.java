package io.github.expogguf.run.lora.export;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeAbort;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.lora.export.LoraPlan.Target;
import io.github.expogguf.run.output.PartialFile;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.run.rank.LowRankApproximation;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** An adapter while it is written, beside its place; closing it before {@link #moveIntoPlace} leaves nothing. */
final class LoraFile implements AutoCloseable {

    private static final long STRIP_BYTES = 1 << 20;

    private final Path output;
    private final LoraPlan plan;
    private final GgufLayout layout;
    private final int[][] checksums; // by tensor and matrix
    private final PartialFile partial;
    private final NativeAbort.Registration cleanup;

    LoraFile(Path output, LoraPlan plan, GgufLayout layout) throws IOException {
        this.output = output;
        this.plan = plan;
        this.layout = layout;
        this.checksums = new int[layout.tensors().size()][];
        for (int i = 0; i < checksums.length; i++) {
            checksums[i] = new int[(int) layout.tensors().get(i).shape().dimension(2)];
        }
        this.partial = PartialFile.create(output);
        this.cleanup = NativeAbort.onAbort(this::deleteQuietly);
        try {
            partial.extendTo(layout.fileBytes());
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    long fileBytes() {
        return layout.fileBytes();
    }

    /** Writes the factors of one matrix of a target; any thread. */
    void write(int target, int matrix, LowRankApproximation factors) throws IOException {
        Target place = plan.targets().get(target);
        float[] tall = factors.left(); // rows * rank
        float[] wide = factors.right(); // rank * columns
        if (place.isEmbedding()) {
            write(2 * target, matrix, tall);
            write(2 * target + 1, matrix, transposed(wide, factors.rank(), factors.columns()));
        } else {
            write(2 * target, matrix, wide);
            write(2 * target + 1, matrix, tall);
        }
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] transposed = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] = values[row * columns + column];
            }
        }
        return transposed;
    }

    private void write(int index, int matrix, float[] values) throws IOException {
        TensorInfo tensor = layout.tensors().get(index);
        RowCodec codec = RowCodecs.of(tensor.type());
        long rowLength = tensor.shape().rowLength();
        long rows = values.length / rowLength;
        long rowBytes = tensor.type().rowBytes(rowLength);
        long offset = layout.fileOffset(index) + matrix * rows * rowBytes;
        long stripRows = Math.clamp(STRIP_BYTES / (Float.BYTES * rowLength), 1, rows);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(Float.BYTES * stripRows * rowLength, 64);
            MemorySegment packed = arena.allocate(stripRows * rowBytes, 64);
            for (long row = 0; row < rows; row += stripRows) {
                long count = Math.min(stripRows, rows - row);
                MemorySegment.copy(values, (int) (row * rowLength), floats, JAVA_FLOAT, 0, (int) (count * rowLength));
                codec.quantize(rowLength, count, floats, MemorySegment.NULL, packed);
                MemorySegment bytes = packed.asSlice(0, count * rowBytes);
                partial.write(offset + row * rowBytes, bytes);
                checksums[index][matrix] = Crc32c.combine(checksums[index][matrix], Crc32c.of(bytes), bytes.byteSize());
            }
        } catch (NonFiniteException e) {
            throw new NonFiniteException(output + ": tensor " + Escape.quote(tensor.name())
                    + ": the factors do not fit into " + tensor.type() + ": " + e.getMessage());
        }
    }

    /** CRC-32C of every tensor, when all are written. */
    int[] checksums() {
        int[] combined = new int[checksums.length];
        for (int i = 0; i < combined.length; i++) {
            long bytes = layout.tensors().get(i).byteCount() / checksums[i].length;
            for (int checksum : checksums[i]) {
                combined[i] = Crc32c.combine(combined[i], checksum, bytes);
            }
        }
        return combined;
    }

    /** Writes the header, which completes the file, and brings all to the disk. */
    void finish(Metadata metadata) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            partial.write(0, layout.withMetadata(metadata).header(arena));
        }
        partial.flush();
    }

    /** Reads everything back. */
    void verify(ProgressMeter meter) throws IOException {
        meter.begin(Progress.Stage.VERIFY, layout.fileBytes());
        NativeHeaderCheck.check(SystemFiles.INSTANCE.readHeader(partial.path(), layout.metadata()));
        int[] expected = checksums();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(STRIP_BYTES);
            for (int i = 0; i < expected.length; i++) {
                TensorInfo tensor = layout.tensors().get(i);
                if (checksum(layout.fileOffset(i), tensor.byteCount(), buffer) != expected[i]) {
                    throw new VerificationException(output + ": tensor '" + tensor.name()
                            + "': the disk gave back other bytes than were written");
                }
                meter.advance(tensor.name(), tensor.byteCount());
            }
        }
    }

    private int checksum(long offset, long bytes, MemorySegment buffer) throws IOException {
        int checksum = 0;
        for (long done = 0; done < bytes; done += STRIP_BYTES) {
            MemorySegment strip = buffer.asSlice(0, Math.min(STRIP_BYTES, bytes - done));
            partial.read(offset + done, strip);
            checksum = Crc32c.combine(checksum, Crc32c.of(strip), strip.byteSize());
        }
        return checksum;
    }

    void moveIntoPlace(boolean replace) throws IOException {
        partial.moveIntoPlace(replace);
    }

    private void deleteQuietly() {
        try {
            Files.deleteIfExists(partial.path());
        } catch (IOException e) {
            // a stale file is all that is lost
        }
    }

    @Override
    public void close() throws IOException {
        cleanup.close();
        partial.close();
    }
}
