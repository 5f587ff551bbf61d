package io.github.expogguf.cli.report;

import io.github.expogguf.cli.files.Weights;
import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.compare.TypeNoise;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deltas of which most may be the rounding of the inputs to less than 8 bits. Where training moved a weight by less
 * than a level, two files of one type have it at the same level or a whole one apart. If the weights lie anywhere
 * between the levels, the squares of such deltas are less than twice those of both roundings together just where less
 * than half of them is training; that is the bound here.
 */
final class CoarseDeltas {

    private static final double MOST = 0.5;

    /**
     * A delta whose squares are below this share of those of the rounding does not hold it: one model was made of the
     * values that the other was rounded to. The rounding of trained weights is not half as small as {@link TypeNoise}.
     */
    private static final double TOO_SMALL = 0.25;

    private CoarseDeltas() {}

    /**
     * What a plan adds to the aligned model, if most of it may be rounding. The first directions of deltas, and the
     * lines of checkpoints, leave much of it out, and between the two models it is made smaller: there it is empty.
     *
     * @param samples of the pair, then of each further delta; none where nothing was looked at
     */
    static Optional<CoarseStep> of(List<PairComparison> samples, Plan plan) {
        if (samples.isEmpty()
                || plan.options().rank() > 0
                || plan.options().toStep().isPresent()) {
            return Optional.empty();
        }
        Sums sums = new Sums();
        Map<String, Float> alphas = alphas(plan);
        for (TensorDelta tensor : samples.getFirst().trainable()) {
            float alpha = alphas.getOrDefault(tensor.name(), 0f);
            if (alpha > 0 || alpha < -1) {
                sums.add(tensor, alpha, false);
            }
        }
        List<Float> weights = samples.size() == 1 ? List.of() : weights(plan); // a recipe may have many rules
        for (int i = 0; i < weights.size(); i++) {
            for (TensorDelta tensor : samples.get(i + 1).trainable()) {
                sums.add(tensor, weights.get(i), true);
            }
        }
        return sums.most();
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

    private static List<Float> weights(Plan plan) {
        return Recipe.read(plan.metadata()).orElseThrow().models().deltas().stream()
                .map(Ingredients.Delta::weight)
                .toList();
    }

    /** Of squares, over tensors. */
    private static final class Sums {

        private double all;
        private double rounding;
        private final Map<CoarseStep.Rounded, Double> parts = new HashMap<>();

        void add(TensorDelta tensor, float weight, boolean isFurther) {
            double square = (double) weight * weight;
            DeltaSums sums = tensor.sums();
            double sft = rounding(tensor.sftRounding(), sums.sftSquares());
            double aligned = rounding(tensor.alignedRounding(), sums.alignedSquares());
            boolean isAlike = tensor.sftRounding().equals(tensor.alignedRounding());
            boolean isExact = !isAlike && sums.deltaSquares() < TOO_SMALL * (sft + aligned);
            double both = Math.min(isExact ? Math.min(sft, aligned) : sft + aligned, sums.deltaSquares());
            all += square * sums.deltaSquares();
            rounding += square * both;
            if (both > 0) {
                add(tensor.sftRounding(), isFurther, CoarseStep.Side.SFT, square * both * sft / (sft + aligned));
                add(
                        tensor.alignedRounding(),
                        isFurther,
                        CoarseStep.Side.ALIGNED,
                        square * both * aligned / (sft + aligned));
            }
        }

        private void add(Optional<GgmlType> type, boolean isFurther, CoarseStep.Side side, double squares) {
            if (squares > 0) {
                parts.merge(
                        new CoarseStep.Rounded(isFurther ? CoarseStep.Side.FURTHER : side, type.orElseThrow()),
                        squares,
                        Double::sum);
            }
        }

        private static double rounding(Optional<GgmlType> type, double squares) {
            return type.filter(Weights::isCoarse)
                    .map(coarse -> squares * Math.pow(TypeNoise.relativeError(coarse), 2))
                    .orElse(0.0);
        }

        Optional<CoarseStep> most() {
            return rounding > MOST * all ? Optional.of(CoarseStep.of(rounding / all, parts)) : Optional.empty();
        }
    }
}
