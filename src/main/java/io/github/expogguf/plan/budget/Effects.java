package io.github.expogguf.plan.budget;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.mixture.TensorCategory;

/**
 * How much an error in a tensor's values changes the model's output: the divergence of the distribution of the next
 * token, by the relative square error of the tensor, in a unit that all tensors of a model share. What holds where
 * nothing was measured on the model itself.
 *
 * <p>Each layer adds its part to what goes through all of them, so that an error in one of many layers counts for
 * little; the output matrix has no other beside it.
 */
public final class Effects {

    private final boolean hasTiedEmbeddings;
    private final int layers;

    /** @param model by which tensors it has */
    public Effects(ModelHeader model) {
        this.hasTiedEmbeddings =
                model.tensors().stream().noneMatch(tensor -> tensor.name().equals(TensorNames.OUTPUT));
        this.layers = (int) Math.max(
                1,
                model.tensors().stream()
                        .flatMap(tensor -> TensorNames.inBlock(tensor.name()).stream())
                        .map(TensorNames.InBlock::block)
                        .distinct()
                        .count());
    }

    /** The effect of a tensor of the model. */
    public double of(TensorInfo tensor) {
        return switch (TensorCategory.of(tensor.name())) {
            case OUTPUT -> 14;
            case TOKEN_EMBEDDING -> hasTiedEmbeddings && tensor.name().equals(TensorNames.EMBEDDING) ? 14 : 3;
            case ATTENTION_V, ATTENTION_QKV, ATTENTION_KV_B -> 0.6 / layers;
            case FFN_DOWN -> 0.7 / layers;
            case ATTENTION_Q, ATTENTION_K, ATTENTION_OUTPUT, FFN_UP, FFN_GATE, OTHER -> 0.3 / layers;
        };
    }
}
