package io.github.expogguf.plan.pair;

import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which tensors have a row, or in a vector a value, for every token of the vocabulary. */
public final class TokenTensors {

    private TokenTensors() {}

    /** The tensor that has the values, which may be of another shape; null without one. */
    public static @Nullable TensorInfo counterpart(Map<String, TensorInfo> tensors, TensorInfo aligned) {
        TensorInfo same = tensors.get(aligned.name());
        return same == null && aligned.name().equals(TensorNames.OUTPUT) ? tensors.get(TensorNames.EMBEDDING) : same;
    }

    static boolean isPerToken(TensorInfo tensor) {
        return OwnTokens.areRowsOf(tensor);
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
        return OwnTokens.haveValuesIn(tensor);
    }
}
