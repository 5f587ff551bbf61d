package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which tensors have a row, or in a vector a value, for every token of the vocabulary. */
public final class TokenTensors {

    /** Those that llama.cpp v0.5.0 creates with {@code n_vocab} as their last dimension (src/models). */
    private static final Pattern MATRIX = Pattern.compile(
            "(token_embd|output|per_layer_token_embd|blk\\.\\d+\\.nextn\\.(embed_tokens|shared_head_head))\\.weight");

    private static final String VECTOR = "output.bias";

    private TokenTensors() {}

    /** The tensor that has the values, which may be of another shape; null without one. */
    public static @Nullable TensorInfo counterpart(Map<String, TensorInfo> tensors, TensorInfo aligned) {
        TensorInfo same = tensors.get(aligned.name());
        return same == null && aligned.name().equals(TensorNames.OUTPUT) ? tensors.get(TensorNames.EMBEDDING) : same;
    }

    static boolean isPerToken(TensorInfo tensor) {
        return isVector(tensor)
                || (MATRIX.matcher(tensor.name()).matches() && tensor.shape().rank() == 2);
    }

    /** Whether two tensors are equal but for how many tokens there are. */
    public static boolean matchesButForTokens(TensorInfo sft, TensorInfo aligned) {
        return isPerToken(sft)
                && isPerToken(aligned)
                && isVector(sft) == isVector(aligned)
                && (isVector(sft) || sft.shape().rowLength() == aligned.shape().rowLength());
    }

    /** Tokens that the tensor has room for. */
    static long tokenCount(TensorInfo tensor) {
        return isVector(tensor) ? tensor.shape().rowLength() : tensor.shape().rowCount();
    }

    private static boolean isVector(TensorInfo tensor) {
        return tensor.name().equals(VECTOR) && tensor.shape().rank() == 1;
    }
}
