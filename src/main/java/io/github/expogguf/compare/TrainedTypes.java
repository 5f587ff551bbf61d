package io.github.expogguf.compare;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import java.util.Locale;
import java.util.Objects;

/**
 * Quantized types that hold a model's weights as they were trained, so that nothing was rounded. The file does not say
 * so; what is known are the models.
 */
public final class TrainedTypes {

    private TrainedTypes() {}

    /**
     * {@return whether a tensor's type is what its model was trained in: MXFP4 in the experts of gpt-oss; one and two
     * bits, which only models survive that were trained so (BitNet, Bonsai; rounding others to them costs more than
     * half of each weight); Q4_0 where the name says that training knew of the quantization (QAT, as Gemma's)}
     *
     * @param model  metadata of its model
     * @param tensor the tensor
     */
    public static boolean isTrained(Metadata model, TensorInfo tensor) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(tensor, "tensor");
        return switch (tensor.type()) {
            case MXFP4 ->
                tensor.name().contains("_exps")
                        && model.string("general.architecture")
                                .filter("gpt-oss"::equals)
                                .isPresent();
            case TQ1_0, TQ2_0, Q1_0, Q2_0 -> true;
            case Q4_0 ->
                model.string("general.name")
                        .filter(name -> name.toLowerCase(Locale.ROOT).matches("(.*[^a-z])?qat([^a-z].*)?"))
                        .isPresent();
            default -> false;
        };
    }

    /**
     * {@return what 32-bit floats that came of a matrix of F16 or F32 were rounded to before, by all of their bits
     * together}
     *
     * @param type a tensor type
     * @param bits the bits of all of them, combined by OR
     */
    public static GgmlType rounding(GgmlType type, int bits) {
        Objects.requireNonNull(type, "type");
        return switch (type) {
            case F32, F16 -> (bits & 0xffff) == 0 ? GgmlType.BF16 : type;
            default -> type;
        };
    }
}
