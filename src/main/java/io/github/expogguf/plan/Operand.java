package io.github.expogguf.plan;

import io.github.expogguf.gguf.TensorInfo;
import java.util.List;

/** Where the values of a tensor on one side of a difference come from. They have the shape of the output's tensor. */
public sealed interface Operand {

    /** Number of the aligned model among the inputs of a plan. */
    int ALIGNED = 0;

    /** Number of the SFT model. */
    int SFT = 1;

    /** The model that has the tensor: {@link #ALIGNED}, {@link #SFT}, or the number of a further input. */
    int model();

    /** The tensor in that model. */
    TensorInfo tensor();

    /** The rows of a tensor as they are in a file. */
    record Rows(int model, TensorInfo tensor) implements Operand {}

    /**
     * The rows of a tensor that has one for every token (or a vector's values), in the order of the aligned model's tokens. A
     * token that the model does not have takes the values of the aligned model, so that there is no difference.
     *
     * @param rows the numbers of the tokens in the model
     */
    record Matched(int model, TensorInfo tensor, TokenRows rows) implements Operand {}

    /** The rows of a tensor with what adapters change, one after the other. */
    record Adapted(int model, TensorInfo tensor, List<AdapterChange> changes) implements Operand {

        /** Copies the list. */
        public Adapted {
            changes = List.copyOf(changes);
        }
    }
}
