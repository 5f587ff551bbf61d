package io.github.expogguf.plan.task;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Models whose weights are products of several tensors: LoRA adapters, NVFP4 and BitNet weights with a {@code .scale}
 * beside them. Extrapolating the factors one by one does not extrapolate the product, so such models are refused.
 */
public final class FactoredWeights {

    private static final String WEIGHT = ".weight";

    private FactoredWeights() {}

    /**
     * Refuses models whose weights are stored as a product, with a scale in a tensor of its own: extrapolating the
     * factors does not extrapolate the product.
     *
     * @param sft     header of the SFT model
     * @param aligned header of the aligned model
     */
    public static void refuse(ModelHeader sft, ModelHeader aligned) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        for (ModelHeader model : List.of(sft, aligned)) {
            refuseAdapter(model);
            refuseScales(model);
        }
    }

    private static void refuseAdapter(ModelHeader model) {
        if (model.metadata().string("general.type").orElse("model").equals("adapter")) {
            throw new UnsupportedTypeException(model.name() + ": an adapter is a product of two matrices, which cannot"
                    + " be extrapolated one by one; apply it to its base model first");
        }
    }

    private static void refuseScales(ModelHeader model) {
        Set<String> names = model.tensors().stream().map(TensorInfo::name).collect(Collectors.toSet());
        boolean isBitNet = model.metadata().architecture().equals("bitnet");
        List<String> scaled = model.tensors().stream()
                .filter(tensor -> isBitNet || tensor.type() == GgmlType.NVFP4)
                .map(TensorInfo::name)
                .filter(name -> name.endsWith(WEIGHT) && names.contains(scaleOf(name)))
                .toList();
        if (!scaled.isEmpty()) {
            throw new UnsupportedTypeException(model.name() + ": " + Words.plural(scaled.size(), "tensor")
                    + " with a scale in a tensor of its own, which cannot be extrapolated one by one: "
                    + Names.list(scaled));
        }
    }

    private static String scaleOf(String weight) {
        return weight.substring(0, weight.length() - WEIGHT.length()) + ".scale";
    }
}
