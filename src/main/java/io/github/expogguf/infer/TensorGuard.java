package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.quant.RowCodecs;

/**
 * Refuses models whose weights are of a type that llama.cpp cannot compute with: matrices of integers, for which making
 * a context is an assertion (ggml-backend.cpp, ggml 0.23.0), and norms and biases of anything but F32, for which
 * the first token is one (binary_op, ggml-cpu/binary-ops.cpp). Its own converter writes no such files.
 */
final class TensorGuard {

    private TensorGuard() {}

    /** Throws {@link InferenceException} unless all weights can be computed with. */
    static void check(ModelHeader header) {
        for (TensorInfo tensor : header.tensors()) {
            if (!isComputable(tensor)) {
                throw new InferenceException(header.name() + ": tensor " + Escape.quote(tensor.name()) + " is of type "
                        + tensor.type() + ", which llama.cpp cannot compute with");
            }
        }
    }

    private static boolean isComputable(TensorInfo tensor) {
        String name = tensor.name();
        boolean isAddedOrScaled = name.endsWith(".bias") || name.endsWith("norm.weight");
        return isAddedOrScaled
                ? tensor.type() == GgmlType.F32
                : !name.endsWith(".weight") || RowCodecs.isSupported(tensor.type());
    }
}
