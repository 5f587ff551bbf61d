package io.github.expogguf.compare;

import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Elements;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * How far an extrapolated model lies from the SFT model: {@code (1 + alpha) * |delta| / |sft|}, norms over all weights.
 * Models collapse at a distance rather than at an alpha: over six miniature pairs the best alpha ran from 0.5 to 8, the
 * distance there from 0.8 to 1.4 %, and all had lost what training gave them between 3 and 5 %. For models of billions
 * of weights the figures are not known; their deltas are smaller. The rounding of quantized inputs is part of the
 * norm, so that such a pair seems farther apart than it is. Immutable; any thread may use it.
 *
 * @see PairComparison
 */
public final class DeltaDistance {

    /** Of six miniature pairs the best lay around it; a suggestion, as a share of the SFT model's norm. */
    public static final double SUGGESTED = 0.012;

    /** No miniature pair scored best beyond it. */
    public static final double FARTHEST_BEST = 0.014;

    /** From here on the score of every miniature pair declined. */
    public static final double DECLINE = 0.02;

    /** From here on every miniature pair had lost all that training gave it. */
    public static final double LOST = 0.05;

    /** Plans of one pair that differ in alpha alone. */
    @FunctionalInterface
    public interface Plans {
        /**
         * The plan with this alpha.
         *
         * @param alpha of the model
         * @return the plan
         */
        Plan at(float alpha);
    }

    private final List<TensorDelta> tensors;

    private DeltaDistance(List<TensorDelta> tensors) {
        this.tensors = tensors;
    }

    /**
     * From a comparison, or a sample. Tensors that nobody trained, as the factors of rotations, are none.
     *
     * @param pair of all tensors, or of a sample of their rows
     * @return the distance
     */
    public static DeltaDistance of(PairComparison pair) {
        Objects.requireNonNull(pair, "pair");
        return new DeltaDistance(pair.trainable());
    }

    /**
     * Of these tensors alone.
     *
     * @param names which tensors count, by their names
     * @return the distance
     */
    public DeltaDistance of(Predicate<String> names) {
        Objects.requireNonNull(names, "names");
        return new DeltaDistance(
                tensors.stream().filter(tensor -> names.test(tensor.name())).toList());
    }

    /** {@return whether anything differs; every alpha gives the same model where nothing does} */
    public boolean isMeasurable() {
        double relative = at(0);
        return Double.isFinite(relative) && relative > 0;
    }

    /**
     * {@return the share of the SFT model's norm, where every tensor is extrapolated by this alpha}
     *
     * @param alpha weight of the delta, finite
     */
    public double at(float alpha) {
        return Math.abs(1.0 + alpha) * total().relativeNorm();
    }

    /**
     * The same where each tensor has the alpha that a plan gives it; copied ones stay those of the aligned model.
     *
     * @param plan a plan of the same models
     * @return the distance
     */
    public double of(Plan plan) {
        return of(plan, _ -> true);
    }

    /**
     * The part of it that lies behind the SFT model, away from the aligned one: that of tensors whose alpha is below
     * -1.
     *
     * @param plan a plan of the same models
     * @return their distance, as a share of the norm of the whole SFT model
     */
    public double behind(Plan plan) {
        return of(plan, alpha -> alpha < -1);
    }

    private double of(Plan plan, Predicate<Float> counts) {
        Map<String, Float> alphas = alphas(plan);
        double squares = 0;
        for (TensorDelta tensor : tensors) {
            float alpha = alphas.getOrDefault(tensor.name(), 0f);
            squares += counts.test(alpha)
                    ? Math.pow(1.0 + alpha, 2) * tensor.sums().deltaSquares()
                    : 0;
        }
        return squares == 0 ? 0 : Math.sqrt(squares / total().sftSquares());
    }

    /**
     * The same of checkpoints, whose tensors each go on along a line: {@code last + alpha * (predicted - last)}, where
     * {@code predicted - first} is the coefficient of the line times its first direction.
     *
     * @param plan a plan of the same checkpoints, with a {@linkplain
     *             io.github.expogguf.plan.options.PlanOptions#toStep step}
     * @param fits the lines of the tensors, by name
     * @return the distance from the first checkpoint
     * @throws IllegalArgumentException if the plan has no step
     */
    public double of(Plan plan, Map<String, TrajectoryFit> fits) {
        Objects.requireNonNull(plan, "plan");
        Elements.require(fits, "fits");
        double step = plan.options()
                .toStep()
                .orElseThrow(() -> new IllegalArgumentException("a plan of a pair, expected one of checkpoints"));
        Map<String, Float> alphas = alphas(plan);
        double squares = 0;
        for (TensorDelta tensor : tensors) {
            double last = tensor.sums().deltaSquares();
            TrajectoryFit fit = fits.get(tensor.name());
            double alpha = alphas.getOrDefault(tensor.name(), 0f);
            if (fit == null || alpha == 0) {
                squares += last;
            } else {
                double predicted = fit.coefficientAt(step);
                double onLine = fit.coefficients().getLast(); // the part of the last delta in the first direction
                squares += Math.pow(alpha * predicted + (1 - alpha) * onLine, 2)
                        + Math.pow(1 - alpha, 2) * Math.max(0, last - onLine * onLine);
            }
        }
        return squares == 0 ? 0 : Math.sqrt(squares / total().sftSquares());
    }

    private static Map<String, Float> alphas(Plan plan) {
        Map<String, Float> alphas = new HashMap<>();
        for (TensorTask task : plan.tasks()) {
            if (task instanceof TensorTask.Extrapolate extrapolate) {
                alphas.put(task.aligned().name(), extrapolate.alpha());
            }
        }
        return alphas;
    }

    /**
     * The least that a plan with a {@linkplain io.github.expogguf.plan.options.PlanOptions#rank rank} reaches: of the
     * squares of a matrix its first directions hold at least their share of all directions. Without a rank as
     * {@link #of(Plan)}.
     *
     * @param plan a plan of the same models, whose alphas are 0 or more
     * @return the distance
     */
    public double leastOf(Plan plan) {
        Objects.requireNonNull(plan, "plan");
        Map<String, Double> weights = new HashMap<>();
        for (TensorTask task : plan.tasks()) {
            if (task instanceof TensorTask.Extrapolate extrapolate) {
                double weight = 1.0 + extrapolate.alpha();
                double first = firstDirections(extrapolate);
                weights.put(task.aligned().name(), 1 - first + first * weight * weight);
            }
        }
        double squares = 0;
        for (TensorDelta tensor : tensors) {
            squares += weights.getOrDefault(tensor.name(), 1.0) * tensor.sums().deltaSquares();
        }
        return squares == 0 ? 0 : Math.sqrt(squares / total().sftSquares());
    }

    /** Least share of the squares of a tensor's delta that is extrapolated. */
    private static double firstDirections(TensorTask.Extrapolate task) {
        int rank = task.operands().rank();
        Shape shape = task.aligned().shape();
        return rank == 0 ? 1 : Math.min(1, (double) rank / Math.min(shape.dimension(0), shape.dimension(1)));
    }

    /**
     * {@return the alpha that goes as far, the same for every tensor; empty where nothing differs, or the aligned model
     * is as far already}
     *
     * @param distance share of the SFT model's norm, as 0.012
     */
    public OptionalDouble alphaAt(double distance) {
        return isMeasurable() && distance > at(0) ? OptionalDouble.of(distance / at(0) - 1) : OptionalDouble.empty();
    }

    /**
     * The same where a plan gives its tensors alphas of their own: the square of the distance is a polynomial of the
     * second degree in the alpha of the model, and is known from three plans.
     *
     * @param distance share of the SFT model's norm, as 0.012
     * @param plans    of the same models, by the alpha of the model
     * @return the alpha above 0 that goes as far; empty where there is none, or what it changes differs nowhere
     */
    public OptionalDouble alphaAt(double distance, Plans plans) {
        Objects.requireNonNull(plans, "plans");
        double[] squares = new double[3];
        for (int alpha = 0; alpha < squares.length; alpha++) {
            Plan plan = Objects.requireNonNull(plans.at(alpha), "a plan of plans");
            squares[alpha] = Math.pow(of(plan), 2);
        }
        double second = (squares[2] - 2 * squares[1] + squares[0]) / 2;
        double first = squares[1] - squares[0] - second;
        double root =
                (-first + Math.sqrt(first * first - 4 * second * (squares[0] - distance * distance))) / (2 * second);
        // neither infinite nor no number
        return root > 0 && Double.isFinite(root) ? OptionalDouble.of(root) : OptionalDouble.empty();
    }

    private DeltaSums total() {
        return tensors.stream().map(TensorDelta::sums).reduce(DeltaSums.NONE, DeltaSums::plus);
    }
}
