package io.github.expogguf.compare.realised;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How much of alpha arrived in what was written, after rounding to the target's types.
 *
 * <p>Of a tensor it is {@code alpha * <change, s> / <step, s>}, where step is {@code extrapolated - aligned}, change is
 * {@code written - aligned}, and s is the part of the step that is perpendicular to the aligned weights: the
 * coefficient of the step where the change is fitted by least squares with the step and the weights themselves. The
 * weights are in the fit because quantizers with few bits shrink all of them a little (Q4_K by 0.3 %), which has
 * nothing to do with the extrapolation but would count as a step wherever step and weights are not quite perpendicular.
 * Where the step points almost along the weights (a vector of one element, a mere change of scale), s is the step
 * itself. Several tensors together: the mean of theirs, weighted by {@code <s, s> / alpha^2}, which is what one fit to
 * all of them gives where each may shrink in its own way.
 *
 * @param planned       alpha that was asked for; the mean with the same weights where tensors have different ones
 * @param realised      alpha that arrived
 * @param standardError how far chance alone may have moved {@code realised}: rounding errors spread over few weights or
 *                      a small delta do not cancel
 * @param factor        what the weights were multiplied by beside the step, from the same fit: below 1 where a
 *                      quantizer shrinks them, above where it makes them larger; 1 where steps point along the weights,
 *                      so that nothing tells the two apart
 * @param error         root mean square of {@code written - extrapolated}
 * @param elements      weights that this was measured on
 */
public record RealisedAlpha(
        double planned, double realised, double standardError, double factor, double error, long elements) {

    /** Less than this share of alpha deserves a warning. */
    public static final double ENOUGH = 0.8;

    /** More than this share of alpha does, too. */
    public static final double TOO_MUCH = 1.1;

    /** Further back towards the SFT model than this share of the alignment, and it is being lost. */
    private static final double LOST = 0.1;

    /** Standard errors by which a share must lie below {@link #ENOUGH}; chance moves one of a thousand further. */
    private static final double CERTAINTY = 3;

    /** The step must have this share of its square perpendicular to the weights for the rest to be left out. */
    private static final double PERPENDICULAR = 0.5;

    /**
     * {@return what arrived in one tensor; empty if nothing was to arrive, because the models do not differ}
     *
     * @param step what was to happen to it, and what did
     */
    public static Optional<RealisedAlpha> of(TensorStep step) {
        Objects.requireNonNull(step, "step");
        return of(List.of(step));
    }

    /**
     * Over several tensors; empty if nothing was to arrive in any.
     *
     * @param steps what arrived in each tensor
     * @return the share over all of them; empty if nothing was to arrive in any
     */
    public static Optional<RealisedAlpha> of(Collection<TensorStep> steps) {
        Objects.requireNonNull(steps, "steps");
        double weight = 0;
        double planned = 0;
        double realised = 0;
        double variance = 0;
        double growth = 0;
        double growthWeight = 0;
        double errors = 0;
        long elements = 0;
        double represented = 0;
        for (TensorStep step : steps) {
            Fit fit = Fit.of(step.sums());
            StepSums sums = step.sums();
            double alpha = step.alpha();
            double scale = step.scale();
            if (fit.stepSquares > 0) {
                weight += scale * fit.stepSquares / (alpha * alpha);
                planned += scale * fit.stepSquares / alpha;
                realised += scale * fit.changeStep / alpha;
                variance += scale * scale * fit.residual / sums.elements() * fit.stepSquares / (alpha * alpha);
            }
            if (fit.isWithWeights) {
                growth += scale * fit.growth(sums) * sums.alignedSquares();
                growthWeight += scale * sums.alignedSquares();
            }
            errors += scale * Math.max(0, sums.changeSquares() - 2 * sums.changeStep() + sums.stepSquares());
            elements += sums.elements();
            represented += scale * sums.elements();
        }
        return weight == 0
                ? Optional.empty()
                : Optional.of(new RealisedAlpha(
                        planned / weight,
                        realised / weight,
                        Math.sqrt(variance) / weight,
                        growthWeight == 0 ? 1 : 1 + growth / growthWeight,
                        Math.sqrt(errors / represented),
                        elements));
    }

    /** {@return the share of alpha that arrived; 1 is all} */
    public double share() {
        return realised / planned;
    }

    /** {@return whether less than {@link #ENOUGH} of alpha arrived, and chance is no explanation} */
    public boolean isLow() {
        return share() + CERTAINTY * standardError / Math.abs(planned) < ENOUGH;
    }

    /** {@return whether more than {@link #TOO_MUCH} of alpha arrived, and chance is no explanation} */
    public boolean isHigh() {
        return share() - CERTAINTY * standardError / Math.abs(planned) > TOO_MUCH;
    }

    /**
     * {@return whether what was written lies between the aligned model and the SFT model, or beyond that, where it was
     * not to: rounding has taken more than the step} At -1 it is the SFT model again.
     */
    public boolean isLost() {
        return realised + CERTAINTY * standardError < Math.min(0, planned) - LOST;
    }

    /**
     * The change fitted with the step, and with the weights where that makes sense.
     *
     * @param stepSquares of the part of the step that is fitted
     * @param changeStep  product of the change with it
     * @param residual    square of what the fit leaves of the change
     * @param isWithWeights whether the weights are in the fit
     */
    private record Fit(double stepSquares, double changeStep, double residual, boolean isWithWeights) {

        static Fit of(StepSums sums) {
            double along = sums.alignedSquares() == 0 ? 0 : sums.stepAligned() / sums.alignedSquares();
            double perpendicular = sums.stepSquares() - along * sums.stepAligned();
            if (perpendicular < PERPENDICULAR * sums.stepSquares() || sums.alignedSquares() == 0) {
                return new Fit(sums.stepSquares(), sums.changeStep(), sums.changeSquares(), false);
            }
            double changeStep = sums.changeStep() - along * sums.changeAligned();
            double change = sums.changeSquares() - sums.changeAligned() * sums.changeAligned() / sums.alignedSquares();
            return new Fit(perpendicular, changeStep, change, true);
        }

        /** The coefficient of the weights in the change. */
        double growth(StepSums sums) {
            double share = stepSquares == 0 ? 0 : changeStep / stepSquares;
            return (sums.changeAligned() - share * sums.stepAligned()) / sums.alignedSquares();
        }

        private Fit {
            double share = stepSquares == 0 ? 0 : changeStep / stepSquares;
            residual = Math.max(0, residual - share * changeStep);
        }
    }
}
