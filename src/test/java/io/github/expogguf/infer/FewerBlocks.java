package io.github.expogguf.infer;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Smaller models of the same family: without their last blocks. */
public final class FewerBlocks {

    private static final String BLOCK = "blk.";

    private FewerBlocks() {}

    /** The first blocks of a model, as a file of the same name in another directory. */
    public static Path write(Path model, Path directory, int blocks) throws IOException {
        try (GgufModel file = GgufModel.open(model);
                Arena arena = Arena.ofConfined()) {
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(file.header().metadata().asMap());
            values.put("llama.block_count", MetadataValue.ofUint32(blocks));
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : file.header().tensors()) {
                if (block(tensor.name()) < blocks) {
                    MemorySegment bytes =
                            arena.allocate(tensor.type().rowBytes(tensor.shape().elementCount()));
                    file.read(tensor, 0, bytes);
                    tensors.add(new TensorData(
                            tensor.name(), tensor.type(), tensor.shape(), bytes.toArray(ValueLayout.JAVA_BYTE)));
                }
            }
            return GgufWriter.writeFile(
                    directory.resolve(String.valueOf(model.getFileName())), new Metadata(values), tensors);
        }
    }

    private static int block(String tensor) {
        return tensor.startsWith(BLOCK)
                ? Integer.parseInt(tensor.substring(BLOCK.length(), tensor.indexOf('.', BLOCK.length())))
                : -1;
    }
}
