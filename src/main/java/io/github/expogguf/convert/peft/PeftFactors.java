package io.github.expogguf.convert.peft;

import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;

/**
 * The factors of a module: its weight changes by {@code B A}, or by its transpose where the weight stands so.
 *
 * @param module       the module's name in the base model
 * @param a            {@code [rank, inputs]}
 * @param b            {@code [outputs, rank]}
 * @param isTransposed whether the weight is {@code [inputs, outputs]}, as that of an embedding
 */
record PeftFactors(String module, SafetensorsTensor a, SafetensorsTensor b, boolean isTransposed) {

    /**
     * One of the two: the element of rank k and of number i on the other side is at {@code i * unit + k * step}.
     *
     * @param source name of the tensor
     */
    record Half(String source, long unit, long step) {}

    long rank() {
        return a.shape().get(0);
    }

    /** Of the weight. */
    long[] shape() {
        long inputs = a.shape().get(1);
        long outputs = b.shape().get(0);
        return isTransposed ? new long[] {inputs, outputs} : new long[] {outputs, inputs};
    }

    /** That they make no tensor of a model, with the shapes of those that would. */
    String misfit(TensorInfo tensor) {
        boolean isEmbedding = a.name().contains(".lora_embedding_");
        String half = isEmbedding ? "lora_embedding_" : "lora_";
        long columns = tensor.shape().rowLength();
        long rows = tensor.shape().elementCount() / columns;
        long inputs = isEmbedding ? rows : columns;
        long outputs = isEmbedding ? columns : rows;
        return "module " + Escape.quote(module) + ": " + half + "A is " + a.shape() + " and " + half + "B " + b.shape()
                + ", expected [" + rank() + ", " + inputs + "] and [" + outputs + ", " + rank() + "] for "
                + Escape.quote(tensor.name());
    }

    /** The factor with as many elements of a rank as the weight has rows. */
    Half ofRows() {
        return isTransposed ? ofInputs() : ofOutputs();
    }

    /** The factor with as many elements of a rank as the weight has columns. */
    Half ofColumns() {
        return isTransposed ? ofOutputs() : ofInputs();
    }

    private Half ofInputs() {
        return new Half(a.name(), 1, a.shape().get(1));
    }

    private Half ofOutputs() {
        return new Half(b.name(), b.shape().get(1), 1);
    }
}
