package io.github.expogguf.convert.gather;

import java.util.List;

/**
 * Some values of a tensor, in the order in which they are wanted.
 *
 * @param source    name of the safetensors tensor
 * @param view      which of its elements
 * @param functions what becomes of each value, one after the other; empty if it stays
 */
public record Part(String source, View view, List<ValueFunction> functions) {

    /** Copies the list. */
    public Part {
        functions = List.copyOf(functions);
    }

    /** {@return what becomes of a value} */
    public float apply(float value) {
        float result = value;
        for (ValueFunction function : functions) {
            result = function.apply(result);
        }
        return result;
    }
}
