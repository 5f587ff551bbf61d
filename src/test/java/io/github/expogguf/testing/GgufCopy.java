package io.github.expogguf.testing;

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

/** The same model with other metadata. */
public final class GgufCopy {

    private GgufCopy() {}

    /** @param more values that the copy has beside the others, or in their place */
    public static Path write(Path from, Path to, Map<String, MetadataValue> more) throws IOException {
        try (GgufModel model = GgufModel.open(from);
                Arena arena = Arena.ofConfined()) {
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(model.header().metadata().asMap());
            values.putAll(more);
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : model.header().tensors()) {
                MemorySegment bytes = arena.allocate(tensor.byteCount());
                model.read(tensor, 0, bytes);
                tensors.add(new TensorData(
                        tensor.name(), tensor.type(), tensor.shape(), bytes.toArray(ValueLayout.JAVA_BYTE)));
            }
            return GgufWriter.writeFile(to, new Metadata(values), tensors);
        }
    }
}
