package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Strip;
import io.github.expogguf.plan.pair.TokenRows;
import io.github.expogguf.text.Elements;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Where the values of a tensor on one side of a difference come from. They have the shape of the output's tensor. */
public sealed interface Operand {

    /** Number of the aligned model among the inputs of a plan. */
    int ALIGNED = 0;

    /** Number of the SFT model. */
    int SFT = 1;

    /** {@return the model that has the tensor: {@link #ALIGNED}, {@link #SFT}, or the number of a further input} */
    int model();

    /** {@return the tensor in that model; of several, that with the fewest bits per weight} */
    TensorInfo tensor();

    /** {@return all tensors in that model that have some of the values, each once} */
    default List<TensorInfo> tensors() {
        return List.of(tensor());
    }

    /**
     * The rows of a tensor as they are in a file.
     *
     * @param model  number of the model among the inputs of a plan
     * @param tensor the tensor in that model
     */
    record Rows(int model, TensorInfo tensor) implements Operand {
        /** Refuses null. */
        public Rows {
            Objects.requireNonNull(tensor, "tensor");
        }
    }

    /**
     * The rows of a tensor that has one for every token (or a vector's values), in the order of the aligned model's
     * tokens. A token that the model does not have takes the values of the aligned model, so that there is no
     * difference.
     *
     * @param model  number of the model among the inputs of a plan
     * @param tensor the tensor in that model
     * @param rows   the numbers of the tokens in the model
     */
    @SuppressWarnings("exports") // what is inside is for what computes the rows
    record Matched(int model, TensorInfo tensor, TokenRows rows) implements Operand {
        /** Refuses null. */
        public Matched {
            Objects.requireNonNull(tensor, "tensor");
            Objects.requireNonNull(rows, "rows");
        }
    }

    /**
     * The rows of a tensor with what adapters change, one after the other.
     *
     * @param model   number of the model among the inputs of a plan
     * @param tensor  the tensor in that model
     * @param changes what adapters add, in their order
     */
    record Adapted(int model, TensorInfo tensor, List<AdapterChange> changes) implements Operand {

        /** Copies the list. */
        public Adapted {
            Objects.requireNonNull(tensor, "tensor");
            Elements.require(changes, "changes");
            changes = Elements.copy(changes, "changes");
        }
    }

    /**
     * The rows of a tensor that the model has in another layout, from the tensors that have them.
     *
     * @param model     number of the model among the inputs of a plan
     * @param rowLength what counts as a row in the strips: the tensor's own row, or 1 where biases are put together
     * @param strips    each row of the tensor is in one of them
     */
    @SuppressWarnings("exports") // what is inside is for what computes the rows
    record Assembled(int model, long rowLength, List<Strip> strips) implements Operand {

        /** Copies the list. */
        public Assembled {
            Elements.require(strips, "strips");
            strips = Elements.copy(strips, "strips");
            if (strips.isEmpty()) {
                throw new IllegalArgumentException("a tensor assembled from nothing");
            }
        }

        @Override
        public TensorInfo tensor() {
            return tensors().stream()
                    .min(Comparator.comparingDouble(tensor -> tensor.type().bitsPerWeight()))
                    .orElseThrow();
        }

        @Override
        public List<TensorInfo> tensors() {
            return strips.stream().map(Strip::tensor).distinct().toList();
        }

        /**
         * {@return the strip that has a row}
         *
         * @param row a row of the tensor, from 0
         * @throws IllegalArgumentException if none has
         */
        public Strip at(long row) {
            for (Strip strip : strips) {
                if (strip.wanted().contains(row)) {
                    return strip;
                }
            }
            throw new IllegalArgumentException("no strip has row " + row);
        }
    }
}
