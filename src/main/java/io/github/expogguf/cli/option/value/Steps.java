package io.github.expogguf.cli.option.value;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The steps of training that a pair is of, and another one: a spelling of alpha.
 *
 * @param first of the SFT model
 * @param last  of the aligned model
 * @param to    that is extrapolated to
 */
public record Steps(double first, double last, double to) {

    /** {@code FIRST,LAST,TO}. */
    public static final class ToSteps implements ITypeConverter<Steps> {
        @Override
        public Steps convert(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 3) {
                throw new TypeConversionException(Escape.quote(text) + " is not FIRST,LAST,TO, as in 0,1400,2000");
            }
            Steps steps = new Steps(step(parts[0]), step(parts[1]), step(parts[2]));
            if (steps.first == steps.last) {
                throw new TypeConversionException(
                        Escape.quote(text) + ": the models are of one step, so that nothing tells where training goes");
            }
            if (!Float.isFinite(steps.alpha())) {
                throw new TypeConversionException(Escape.quote(text)
                        + ": the last step is too far from the others, or these are too close together, for an alpha"
                        + " that is a finite number");
            }
            if (steps.alpha() == 0 && steps.to != steps.last) {
                throw new TypeConversionException(
                        Escape.quote(text)
                                + ": the step is too near to that of the aligned model for an alpha that is another number than 0");
            }
            return steps;
        }
    }

    /** A number of a step, which need not be whole. */
    static double step(String text) {
        return new Converters.ToDouble().convert(text);
    }

    /** With it the result lies where a straight line from the first model through the last is at that step. */
    public float alpha() {
        return (float) ((to - last) / (last - first));
    }

    public String note() {
        return "--steps " + Numbers.brief(first) + "," + Numbers.brief(last) + "," + Numbers.brief(to) + " is alpha "
                + Numbers.brief(alpha());
    }
}
