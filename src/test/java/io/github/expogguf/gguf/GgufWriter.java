package io.github.expogguf.gguf;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes small complete GGUF files, for tests. */
public final class GgufWriter {

    private GgufWriter() {}

    /** Writes one file, replacing what is there. */
    public static Path writeFile(Path path, Metadata metadata, List<TensorData> tensors) throws IOException {
        GgufLayout layout =
                GgufLayout.of(metadata, tensors.stream().map(TensorData::spec).toList());
        writeFile(path, layout, tensors);
        return path;
    }

    /** Writes every file of a set; the tensors are those of the set, in order. */
    public static void writeShards(Shards shards, List<TensorData> tensors) throws IOException {
        for (Shards.Shard shard : shards.files()) {
            writeFile(
                    shard.path(),
                    shard.layout(),
                    tensors.subList(shard.firstTensor(), shard.firstTensor() + shard.tensorCount()));
        }
    }

    private static void writeFile(Path path, GgufLayout layout, List<TensorData> tensors) throws IOException {
        try (OutputStream out = Files.newOutputStream(path)) {
            out.write(layout.header(Arena.ofAuto()).toArray(ValueLayout.JAVA_BYTE));
            for (int i = 0; i < tensors.size(); i++) {
                TensorData tensor = tensors.get(i);
                if (tensor.bytes().length != layout.tensors().get(i).byteCount()) {
                    throw new IllegalArgumentException(tensor.name() + ": " + tensor.bytes().length
                            + " bytes, expected " + layout.tensors().get(i).byteCount());
                }
                out.write(tensor.bytes());
                out.write(new byte[layout.paddingBytes(i)]);
            }
        }
    }
}
