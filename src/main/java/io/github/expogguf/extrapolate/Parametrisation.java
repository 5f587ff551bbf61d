package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.simd.Finite;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * How the value in a file follows from the parameter {@code p} that was trained. Training moves along straight lines in
 * {@code p}, so that is where the formula belongs; in the file's values it would bend, and could leave the range that
 * they have.
 *
 * <p>The arithmetic of all but {@link #IDENTITY} is IEEE binary64, unfused, with the logarithms and exponentials of
 * {@link StrictMath}, and rounds once, to binary32, at the end: {@code from = p(sft); to = p(aligned); delta = to -
 * from; step = alpha * delta; result = value(to + step)}. Every machine gets the same bits, and equal values stay what
 * they are.
 */
public enum Parametrisation {

    /**
     * The parameter itself, or an affine function of it, with which the formula commutes: its coefficients add up to 1.
     */
    IDENTITY("p") {
        @Override
        double parameter(double value) {
            return value;
        }

        @Override
        double value(double parameter) {
            return parameter;
        }
    },

    /** Decay rates of state-space models: always below 0. */
    NEGATIVE_EXPONENTIAL("-exp(p)") {
        @Override
        double parameter(double value) {
            return value < 0 ? StrictMath.log(-value) : Double.NaN;
        }

        @Override
        double value(double parameter) {
            return -StrictMath.exp(parameter);
        }
    },

    /**
     * The same where the graph negates; also {@code 1 / exp(p)}, whose logarithm is a line in {@code p}, too. Always
     * above 0.
     */
    EXPONENTIAL("exp(p)") {
        @Override
        double parameter(double value) {
            return value > 0 ? StrictMath.log(value) : Double.NaN;
        }

        @Override
        double value(double parameter) {
            return StrictMath.exp(parameter);
        }
    },

    /** Scales that are kept above 0. */
    SOFTPLUS("ln(1 + exp(p))") {
        @Override
        double parameter(double value) {
            return value > 0 ? value + StrictMath.log(-StrictMath.expm1(-value)) : Double.NaN;
        }

        @Override
        double value(double parameter) {
            return Math.max(parameter, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(parameter)));
        }
    };

    private final String words;

    Parametrisation(String words) {
        this.words = words;
    }

    /** {@return the value as a formula in {@code p}, for people} */
    public String words() {
        return words;
    }

    /** The trained parameter; NaN if no parameter gives that value. */
    abstract double parameter(double value);

    /** The inverse. */
    abstract double value(double parameter);

    /**
     * {@return whether the value is that of a finite parameter}
     *
     * @param value as it is stored
     */
    public boolean isDefined(float value) {
        return Double.isFinite(parameter(value));
    }

    /**
     * {@return the formula for one weight; NaN or infinity where a value is not {@linkplain #isDefined defined}}
     *
     * @param extrapolation the formula with its alpha
     * @param sft           weight of the SFT model
     * @param aligned       weight of the aligned model
     */
    public float extrapolate(Extrapolation extrapolation, float sft, float aligned) {
        Objects.requireNonNull(extrapolation, "extrapolation");
        if (this == IDENTITY) {
            return extrapolation.apply(sft, aligned);
        }
        double from = parameter(sft);
        double to = parameter(aligned);
        double delta = to - from;
        double step = extrapolation.alpha() * delta;
        return (float) value(to + step);
    }

    /**
     * {@return how far the trained parameter moved; NaN or infinity where a value is not {@linkplain #isDefined
     * defined}}
     *
     * @param from value before
     * @param to   value after
     */
    public double difference(float from, float to) {
        return parameter(to) - parameter(from);
    }

    /** A further difference for one weight, in the same arithmetic; see {@link DeltaStep}. */
    private float add(DeltaStep more, float sft, float aligned, float result) {
        double delta = parameter(aligned) - parameter(sft);
        double step = more.weight() * delta;
        return (float) value(parameter(result) + step);
    }

    /**
     * A further difference for many weights, as {@link DeltaStep#add}, rounded to binary32 once more.
     *
     * @param more    the difference with its weight
     * @param count   weights, 0 or more
     * @param sft     {@code count} floats, native order, read only
     * @param aligned {@code count} floats, native order, read only
     * @param result  {@code count} floats, native order, changed; overlaps neither
     */
    public void add(DeltaStep more, long count, MemorySegment sft, MemorySegment aligned, MemorySegment result) {
        Objects.requireNonNull(more, "more");
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(result, "result");
        if (this == IDENTITY) {
            more.add(count, sft, aligned, result);
            return;
        }
        WeightSegments.check(count, sft, aligned, result);
        for (long i = 0; i < count; i++) {
            float from = sft.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float to = aligned.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float sum = result.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            result.setAtIndex(JAVA_FLOAT_UNALIGNED, i, add(more, from, to, sum));
        }
    }

    /**
     * {@return how many of {@code count} floats, native order, are not {@linkplain #isDefined defined}}
     *
     * @param count  number of elements
     * @param values floats, native order
     */
    public long countUndefined(long count, MemorySegment values) {
        Objects.requireNonNull(values, "values");
        if (this == IDENTITY) {
            return Finite.countNonFinite(values, count);
        }
        long undefined = 0;
        for (long i = 0; i < count; i++) {
            undefined += isDefined(values.getAtIndex(JAVA_FLOAT_UNALIGNED, i)) ? 0 : 1;
        }
        return undefined;
    }

    /**
     * The formula for many weights, as {@link ExtrapolationKernel#extrapolate}.
     *
     * @param extrapolation the formula with its alpha
     * @param count         weights, 0 or more
     * @param sft           {@code count} floats, native order, read only
     * @param aligned       {@code count} floats, native order, read only
     * @param target        {@code count} floats, native order, fully overwritten; may be the same segment as one of the
     *                      others
     */
    public void extrapolate(
            Extrapolation extrapolation, long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        Objects.requireNonNull(extrapolation, "extrapolation");
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(target, "target");
        if (this == IDENTITY) {
            extrapolation.kernel().extrapolate(count, sft, aligned, target);
            return;
        }
        WeightSegments.check(count, sft, aligned, target);
        for (long i = 0; i < count; i++) {
            float from = sft.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float to = aligned.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            target.setAtIndex(JAVA_FLOAT_UNALIGNED, i, extrapolate(extrapolation, from, to));
        }
    }
}
