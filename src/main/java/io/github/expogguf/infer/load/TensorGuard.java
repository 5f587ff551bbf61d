package io.github.expogguf.infer.load;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.text.Escape;
import java.util.List;

/**
 * Refuses tensors of types that llama.cpp v0.5.0 cannot compute with. Norms, biases and other vectors have to be F32
 * (binary-ops.cpp and ops.cpp of ggml 0.25.1), matrices of a type that has a dot product (the table of ggml-cpu.c).
 */
public final class TensorGuard {

    private TensorGuard() {}

    public static void check(String file, List<TensorSpec> tensors) {
        for (TensorSpec tensor : tensors) {
            if (isIndex(tensor)) {
                continue;
            }
            boolean isVector = tensor.shape().dimensions().length == 1
                    || tensor.shape().rowLength() == 1
                    || isAlwaysVector(tensor.name());
            if (isVector ? tensor.type() != GgmlType.F32 : !isMultiplied(tensor.type())) {
                throw new InferenceException(file + ": tensor " + Escape.quote(tensor.name()) + " is of type "
                        + tensor.type() + ", which llama.cpp cannot compute with, expected "
                        + (isVector ? "F32" : "floats or a quantized type"));
            }
        }
    }

    /** Tables of tokens and experts, which are looked up. */
    private static boolean isIndex(TensorSpec tensor) {
        boolean isInteger = tensor.type() == GgmlType.I32 || tensor.type() == GgmlType.I64;
        return isInteger && (tensor.name().endsWith("d2t") || tensor.name().contains("tid2eid"));
    }

    /** Qwen4Exp and WavTokenizer have norms that llama-quantize does not take for such by their names, and packs. */
    private static boolean isAlwaysVector(String name) {
        return name.endsWith(".bias") || name.endsWith("_norm.weight") || name.contains(".ple_norm_");
    }

    private static boolean isMultiplied(GgmlType type) {
        return switch (type) {
            case I8, I16, I32, I64, F64, Q8_1, Q8_K -> false;
            default -> true;
        };
    }
}
