package io.github.expogguf.bench;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A pair of Llama-shaped F16 models with normally distributed weights and a small delta between them, of a given size.
 * The values decide nothing about the speed that the shapes and types do not; a benchmark needs the bulk, not the
 * meaning.
 */
final class RandomPair {

    private static final LlamaShape SMALL = new LlamaShape(1, 1024, 4096, 16, 8, 32_000);
    private static final double WEIGHT_DEVIATION = 0.02;
    private static final double DELTA_DEVIATION = 0.0005;

    private final GgufLayout layout;

    /** @param parameters weights, about; layers are added until there are as many */
    RandomPair(long parameters) {
        this(parameters, false);
    }

    /** @param withTokens whether it can be asked */
    RandomPair(long parameters, boolean withTokens) {
        LlamaShape shape = SMALL;
        while (shape.elementCount() < parameters) {
            shape = shape.withLayers(shape.layers() + 1);
        }
        layout = GgufLayout.of(shape.metadata(withTokens), shape.tensors());
    }

    long elementCount() {
        return layout.tensors().stream()
                .mapToLong(tensor -> tensor.shape().elementCount())
                .sum();
    }

    long fileBytes() {
        return layout.fileBytes();
    }

    /** Writes both files. */
    void write(Path sft, Path aligned) throws IOException {
        write(sft, 0);
        write(aligned, DELTA_DEVIATION);
    }

    /** Writes one of them. */
    void write(Path sft) throws IOException {
        write(sft, 0);
    }

    private void write(Path path, double deltaDeviation) throws IOException {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, layout.header(Arena.ofAuto()).asByteBuffer(), 0);
            IntStream.range(0, layout.tensors().size()).parallel().forEach(index -> {
                try {
                    writeFully(channel, values(index, deltaDeviation), layout.fileOffset(index));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            channel.force(true); // or the disk would be busy with it during the measurement
        }
    }

    private ByteBuffer values(int index, double deltaDeviation) {
        TensorInfo tensor = layout.tensors().get(index);
        SplittableRandom weights = new SplittableRandom(index);
        SplittableRandom deltas = new SplittableRandom(-index - 1);
        int bytes = Math.toIntExact(tensor.byteCount() + layout.paddingBytes(index));
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < tensor.shape().elementCount(); i++) {
            double value = WEIGHT_DEVIATION * weights.nextGaussian();
            if (deltaDeviation > 0) {
                value += deltaDeviation * deltas.nextGaussian();
            }
            if (tensor.type() == GgmlType.F16) {
                buffer.putShort(Float.floatToFloat16((float) value));
            } else {
                buffer.putFloat((float) (1 + value));
            }
        }
        return buffer.rewind();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }
}
