package io.github.expogguf.plan;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Parametrisations;
import io.github.expogguf.text.Escape;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The rank of what is extrapolated of a tensor. */
final class DeltaRank {

    /** Experts, and the heads of latent attention: a matrix each. */
    private static final Pattern STACKS = Pattern.compile(".*(_(ch)?exps|\\.attn_[kv]_b)\\.weight");

    private DeltaRank() {}

    /** Whether there is nothing but one row, or one column. */
    static boolean isVector(Shape shape) {
        return Arrays.stream(shape.dimensions()).filter(size -> size > 1).count() < 2;
    }

    /**
     * The rank of each of a tensor's matrices; 0 where all of the delta is extrapolated: it has no higher rank.
     *
     * @param asked 0 for all
     * @throws UnsupportedTypeException if the tensor is neither a matrix nor a stack of them, experts or heads
     */
    static int of(ModelHeader model, TensorInfo tensor, int asked) {
        if (asked == 0 || isVector(tensor.shape())) {
            return 0;
        }
        boolean isMatrix = tensor.shape().rank() == 2
                || (tensor.shape().rank() == 3 && STACKS.matcher(tensor.name()).matches());
        if (!isMatrix || Parametrisations.of(model.metadata(), tensor.name()) != Parametrisation.IDENTITY) {
            throw new UnsupportedTypeException(model.name() + ": tensor " + Escape.quote(tensor.name()) + " of shape "
                    + tensor.shape()
                    + " is neither a matrix nor a stack of experts or heads, so that its delta has no rank;"
                    + " the rule " + Escape.quote(tensor.name() + "=copy")
                    + " leaves it as it is in the aligned model");
        }
        long most = Math.min(tensor.shape().rowLength(), tensor.shape().dimension(1));
        return asked < most ? asked : 0;
    }
}
