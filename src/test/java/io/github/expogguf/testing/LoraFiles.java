package io.github.expogguf.testing;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** LoRA adapters for small models. */
public final class LoraFiles {

    private LoraFiles() {}

    /**
     * An adapter for some tensors of a model.
     *
     * @param alpha 0 for one that says none
     */
    public static TinyModel adapter(TinyModel base, int rank, float alpha, GgmlType type, String... tensors) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put(
                "general.architecture", MetadataValue.ofString(base.metadata().architecture()));
        values.put("general.type", MetadataValue.ofString("adapter"));
        values.put("adapter.type", MetadataValue.ofString("lora"));
        if (alpha != 0) {
            values.put("adapter.lora.alpha", MetadataValue.ofFloat32(alpha));
        }
        List<TensorSpec> factors = new ArrayList<>();
        for (String name : tensors) {
            Shape shape = base.tensors().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .shape();
            boolean isEmbedding = name.equals("token_embd.weight");
            long in = shape.rowLength();
            long out = shape.dimension(1);
            Shape a = isEmbedding ? new Shape(rank, out) : stacked(shape, in, rank);
            Shape b = isEmbedding ? new Shape(rank, in) : stacked(shape, rank, out);
            factors.add(new TensorSpec(name + ".lora_a", type, a));
            factors.add(new TensorSpec(name + ".lora_b", type, b));
        }
        return new TinyModel(new Metadata(values), factors);
    }

    private static Shape stacked(Shape tensor, long columns, long rows) {
        return tensor.rank() > 2 ? new Shape(columns, rows, tensor.dimension(2)) : new Shape(columns, rows);
    }
}
