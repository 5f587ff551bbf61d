package io.github.expogguf.convert.rule;

import java.util.OptionalDouble;

/** The numbers that rules name. */
@FunctionalInterface
public interface NumberSource {

    /**
     * {@return the number, empty where the model does not say it}
     *
     * @param name  a metadata key without the architecture before it; {@code config.KEY} for one of config.json
     * @param index for an array: which element
     */
    OptionalDouble number(String name, int index);
}
