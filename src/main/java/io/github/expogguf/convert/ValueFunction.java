package io.github.expogguf.convert;

/**
 * What becomes of each value, in float32 as a converter computes. The last bit of an exponential may differ from
 * another program's.
 *
 * @param kind   which function
 * @param factor of {@link Kind#TIMES}, else 1
 */
public record ValueFunction(Kind kind, float factor) {

    /** Of one value. */
    public enum Kind {
        /** The value itself. */
        SAME,
        /** One more, as for the weights of a norm that multiplies by {@code 1 + w}. */
        PLUS_ONE,
        /** {@code -exp(w)}, as for the logarithm of a decay. */
        NEGATIVE_EXP,
        /** {@code exp(w)}. */
        EXP,
        /** A multiple. */
        TIMES
    }

    /** The value itself. */
    public static final ValueFunction SAME = new ValueFunction(Kind.SAME, 1);

    /** {@return a multiple} */
    public static ValueFunction times(float factor) {
        return new ValueFunction(Kind.TIMES, factor);
    }

    /** {@return what becomes of a value} */
    public float apply(float value) {
        return switch (kind) {
            case SAME -> value;
            case PLUS_ONE -> value + 1;
            case NEGATIVE_EXP -> (float) -Math.exp(value);
            case EXP -> (float) Math.exp(value);
            case TIMES -> value * factor;
        };
    }
}
