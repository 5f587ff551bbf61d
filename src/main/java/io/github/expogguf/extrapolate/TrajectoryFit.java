package io.github.expogguf.extrapolate;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The line that the weights of a tensor followed in training, as RELEX has it (<a
 * href="https://arxiv.org/abs/2605.21468">arXiv 2605.21468</a>): the deltas {@code d_i = checkpoint_i - first} of n
 * later checkpoints have one direction that holds as much of their squares as one can, {@code v = sum(u_i * d_i) /
 * sqrt(lambda)}, where lambda is the largest eigenvalue of their Gram matrix {@code <d_i, d_j>} and u its eigenvector.
 * The coefficient of a checkpoint on it is {@code c_i = <d_i, v> = sqrt(lambda) * u_i}. A straight line {@code c(t)}
 * through the coefficients over the steps, by least squares, gives the model at any step: {@code first + c(t) * v}. The
 * first checkpoint is where deltas begin and no point of the line, as in the paper's code.
 *
 * <p>That weights follow such lines is what RLVR training was seen to do (there, and in <a
 * href="https://arxiv.org/abs/2601.04537">arXiv 2601.04537</a>, with two checkpoints). Whether they did tells {@link
 * #heldOut} best: even of a random walk the first direction holds much, and its coefficients rise nearly in a line.
 *
 * @param steps        of the checkpoints after the first, two at least, finite, no two the same
 * @param coefficients of their deltas on the first direction
 * @param energy       sum of the squares of all deltas
 * @param heldOut      how well the checkpoints before the last predict that one; empty where there are too few
 */
public record TrajectoryFit(List<Double> steps, List<Double> coefficients, double energy, Optional<HeldOut> heldOut) {

    /**
     * The last checkpoint, beside what the others predict for its step.
     *
     * @param missed square of its distance from the prediction
     * @param moved  square of its distance from the checkpoint before
     */
    public record HeldOut(double missed, double moved) {
        /** Refuses what is no square. */
        public HeldOut {
            if (!(missed >= 0 && moved >= 0)) {
                throw new IllegalArgumentException("squares " + missed + " and " + moved + ", expected none below 0");
            }
        }
    }

    /** A line through two points leaves nothing over that would tell how good it is. */
    private static final int POINTS_OF_A_LINE = 2;

    /** Copies the lists. */
    public TrajectoryFit {
        steps = Elements.copy(steps, "steps");
        coefficients = Elements.copy(coefficients, "coefficients");
        Objects.requireNonNull(heldOut, "heldOut");
        if (steps.size() < POINTS_OF_A_LINE || steps.size() != coefficients.size()) {
            throw new IllegalArgumentException(coefficients.size() + " coefficients of " + steps.size()
                    + " steps, expected one of each step, and two at least");
        }
        steps.forEach(step -> Numbers.requireFinite(step, "step"));
        if (steps.stream().distinct().count() < steps.size()) {
            throw new IllegalArgumentException("steps " + steps + ", expected no two the same");
        }
        coefficients.forEach(coefficient -> Numbers.requireFinite(coefficient, "coefficient"));
        Numbers.requireFinite(energy, "energy");
    }

    /**
     * From the first direction.
     *
     * @param steps      of the checkpoints after the first
     * @param eigenvalue the largest of the Gram matrix
     * @param vector     its eigenvector, of norm 1; its sign does not matter
     * @param energy     the trace of the Gram matrix
     * @return the fit
     */
    public static TrajectoryFit of(List<Double> steps, double eigenvalue, List<Double> vector, double energy) {
        List<Double> unit = Elements.copy(vector, "vector");
        double scale = Math.sqrt(Math.max(0, eigenvalue)) * (unit.isEmpty() || unit.getLast() >= 0 ? 1 : -1);
        return new TrajectoryFit(
                steps, unit.stream().map(value -> scale * value).toList(), energy, Optional.empty());
    }

    /**
     * Same, with what was found out about the last checkpoint.
     *
     * @param found as {@link #heldOut} has it
     * @return the fit
     */
    public TrajectoryFit withHeldOut(HeldOut found) {
        Objects.requireNonNull(found, "found");
        return new TrajectoryFit(steps, coefficients, energy, Optional.of(found));
    }

    /** {@return how much of the squares of all deltas the first direction holds, 0 to 1; 1 where nothing moved} */
    public double share() {
        return share(List.of(this));
    }

    /**
     * Of several tensors together.
     *
     * @param tensors a fit for each
     * @return how much of the squares of all deltas their first directions hold, 0 to 1; 1 where nothing moved
     */
    public static double share(Collection<TrajectoryFit> tensors) {
        double held = 0;
        double energy = 0;
        for (TrajectoryFit fit : Objects.requireNonNull(tensors, "tensors")) {
            held += fit.held();
            energy += fit.energy;
        }
        return energy == 0 ? 1 : Math.min(1, held / energy);
    }

    /**
     * {@return the share of the coefficients' variance that the line explains, at most 1; empty where the line has two
     * points, through which any line goes, or nothing moves}
     */
    public OptionalDouble rSquared() {
        return rSquared(List.of(this));
    }

    /**
     * Of several tensors together.
     *
     * @param tensors a fit for each
     * @return the share of the variance of all their coefficients that their lines explain; empty where nothing tells
     */
    public static OptionalDouble rSquared(Collection<TrajectoryFit> tensors) {
        double left = 0;
        double all = 0;
        for (TrajectoryFit fit : Objects.requireNonNull(tensors, "tensors")) {
            if (fit.steps.size() > POINTS_OF_A_LINE) {
                double mean = Numbers.mean(fit.coefficients);
                for (int i = 0; i < fit.steps.size(); i++) {
                    double coefficient = fit.coefficients.get(i);
                    left += Math.pow(coefficient - fit.coefficientAt(fit.steps.get(i)), 2);
                    all += Math.pow(coefficient - mean, 2);
                }
            }
        }
        return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - left / all);
    }

    /**
     * How far the last checkpoint lies from what the others predict for its step, as a share of its distance from the
     * checkpoint before: below 1, predicting was better than stopping there.
     *
     * @param tensors a fit for each
     * @return the share over all of them; empty where there are too few checkpoints, or the last one did not move
     */
    public static OptionalDouble missed(Collection<TrajectoryFit> tensors) {
        double missed = 0;
        double moved = 0;
        for (TrajectoryFit fit : Objects.requireNonNull(tensors, "tensors")) {
            missed += fit.heldOut.map(HeldOut::missed).orElse(0.0);
            moved += fit.heldOut.map(HeldOut::moved).orElse(0.0);
        }
        return moved == 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(missed / moved));
    }

    /**
     * {@return the coefficient that the line has at a step}
     *
     * @param step any, finite
     */
    public double coefficientAt(double step) {
        double middle = Numbers.mean(steps);
        double mean = Numbers.mean(coefficients);
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < steps.size(); i++) {
            double distance = steps.get(i) - middle;
            covariance += distance * (coefficients.get(i) - mean);
            variance += distance * distance;
        }
        return mean + covariance / variance * (step - middle);
    }

    /**
     * The predicted model as a sum: {@code first + sum(weight_i * d_i)}.
     *
     * @param step any, finite
     * @return the weight of each delta, in the order of the steps; 0 where nothing moved
     */
    public List<Double> weightsAt(double step) {
        double held = held();
        double coefficient = coefficientAt(step);
        List<Double> weights = new ArrayList<>();
        for (double each : coefficients) {
            weights.add(held == 0 ? 0 : coefficient * each / held);
        }
        return weights;
    }

    /** The largest eigenvalue. */
    private double held() {
        return coefficients.stream().mapToDouble(value -> value * value).sum();
    }
}
