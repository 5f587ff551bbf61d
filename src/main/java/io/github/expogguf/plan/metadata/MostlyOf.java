package io.github.expogguf.plan.metadata;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.task.TensorTask;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The file type of a file that names none and whose tensors keep their types: that of the type which most tensors have,
 * as llama.cpp guesses it ({@code llama_model_loader} in llama-model-loader.cpp, v0.5.0). Without the key,
 * llama-quantize's COPY would add its guess.
 */
final class MostlyOf {

    private static final int NVFP4 = 39; // LLAMA_FTYPE_MOSTLY_NVFP4, which is only read

    private MostlyOf() {}

    /** The number for {@code general.file_type}. */
    static int fileType(List<TensorTask> tasks) {
        Map<GgmlType, Integer> counts = new EnumMap<>(GgmlType.class);
        GgmlType most = GgmlType.F32;
        for (TensorTask task : tasks) {
            int count = counts.merge(task.targetType(), 1, Integer::sum);
            if (count > counts.getOrDefault(most, 0)) {
                most = task.targetType();
            }
        }
        return of(most);
    }

    private static int of(GgmlType type) {
        return switch (type) {
            case NVFP4 -> NVFP4;
            case MXFP4 -> FileType.MXFP4_MOE.id(); // llama.cpp guesses F32
            case I8, I16, I32, I64, F64, Q8_1, Q8_K -> FileType.F32.id();
            case F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, TQ1_0, TQ2_0, Q1_0, Q2_0 ->
                FileType.parse(type.name()).id();
            case IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, IQ1_M ->
                FileType.parse(type.name()).id();
        };
    }
}
