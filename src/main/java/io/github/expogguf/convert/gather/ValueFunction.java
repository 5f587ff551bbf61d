package io.github.expogguf.convert.gather;

/**
 * What becomes of each value, in float32 as a converter computes for every type but F16: of that it rounds to F16 once
 * more. The last bit of an exponential may differ from another program's.
 *
 * @param kind   which function
 * @param number that {@link Kind#PLUS} adds and {@link Kind#TIMES} multiplies by, else 0
 */
public record ValueFunction(Kind kind, float number) {

    /** Of one value. */
    public enum Kind {
        /** {@code w + number}, as for the weights of a norm that multiplies by {@code 1 + w}. */
        PLUS,
        /** {@code w * number}. */
        TIMES,
        /** {@code -exp(w)}, as for the logarithm of a decay. */
        NEGATIVE_EXP,
        /** {@code exp(w)}. */
        EXP
    }

    /** {@return what becomes of a value} */
    public float apply(float value) {
        return switch (kind) {
            case PLUS -> value + number;
            case TIMES -> value * number;
            case NEGATIVE_EXP -> (float) -Math.exp(value);
            case EXP -> (float) Math.exp(value);
        };
    }
}
