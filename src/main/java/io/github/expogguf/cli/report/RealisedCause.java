package io.github.expogguf.cli.report;

import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.GgmlType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Why another alpha arrives than was asked for, and what helps.
 *
 * @param steps            the tensors that it is about
 * @param offersStochastic whether stochastic rounding is possible and was not asked for
 * @param coarse           the step, where most of it may be rounding of the inputs
 * @param isOfAlpha        whether the step is alpha times a difference
 */
record RealisedCause(List<TensorStep> steps, boolean offersStochastic, Optional<CoarseStep> coarse, boolean isOfAlpha) {

    /** Where most of what is missing, or too much, comes from. */
    private enum Grid {
        /** The input has the type of the output. */
        SAME,
        /** BF16 in, F16 out: every value of the one is one of the other, which has eight times as many. */
        EIGHTHS,
        /** The weights lie anywhere between the values of the output's type. */
        OTHER
    }

    private Grid grid(TensorStep step) {
        if (step.alignedType() == step.targetType()) {
            return Grid.SAME;
        }
        return isOfAlpha && step.alignedType() == GgmlType.BF16 && step.targetType() == GgmlType.F16
                ? Grid.EIGHTHS
                : Grid.OTHER;
    }

    /** Whether most of what is missing, or too much, comes from inputs in the type of the output. */
    boolean isOfSameType() {
        return grid() == Grid.SAME;
    }

    private Grid grid() {
        Map<Grid, Double> missing = new EnumMap<>(Grid.class);
        for (TensorStep step : steps) {
            missing.merge(
                    grid(step), Math.abs(step.sums().stepSquares() - step.sums().changeStep()), Double::sum);
        }
        Grid most = Grid.OTHER;
        for (Grid grid : Grid.values()) {
            most = missing.getOrDefault(grid, 0.0) > missing.getOrDefault(most, 0.0) ? grid : most;
        }
        return most;
    }

    /** Whether little or too much arrives in a tensor. */
    private static boolean isBad(TensorStep step) {
        return RealisedAlpha.of(step)
                .filter(alpha -> alpha.isLow() || alpha.isHigh())
                .isPresent();
    }

    /** Target types of such tensors. */
    String types() {
        return types(RealisedCause::isBad);
    }

    private String typesOf(Grid grid) {
        return types(step -> isBad(step) && grid(step) == grid);
    }

    private String types(Predicate<TensorStep> isMeant) {
        String types = steps.stream()
                .filter(isMeant)
                .map(step -> step.targetType().name())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return types.isEmpty() ? "the target type" : types;
    }

    String ofLow() {
        return switch (grid()) {
            case SAME -> same() + "less than half its resolution are rounded back";
            case EIGHTHS -> eighths();
            case OTHER -> "the steps are below the resolution of " + typesOf(Grid.OTHER);
        };
    }

    String ofHigh() {
        return switch (grid()) {
            case SAME -> same() + "more than half its resolution are rounded up";
            case EIGHTHS -> eighths();
            case OTHER -> "the steps are near the resolution of " + typesOf(Grid.OTHER);
        };
    }

    private String same() {
        return "the (aligned) model is already in " + typesOf(Grid.SAME) + ", and steps of ";
    }

    private static String eighths() {
        return "F16 has eight steps between two values of BF16, the (aligned) model's type, so that alpha is rounded to eighths";
    }

    String remedy() {
        if (coarse.isPresent() && isOfSameType()) {
            return coarse.get().remedyInAnyType();
        }
        String type = switch (grid()) {
            case EIGHTHS -> "write F32 or Q8_0, or take a multiple of 0.125 as alpha";
            case SAME ->
                isQuantized()
                        ? "extrapolate from files in their checkpoints' type (F32, F16 or BF16)"
                                + (offersStochastic ? ", " : " or ") + "write " + roomierType()
                        : typesOf(Grid.SAME).equals("F16") ? "write F32 or Q8_0" : "write F32, F16 or Q8_0";
            case OTHER -> "write a type with more bits";
        };
        return type + (offersStochastic ? ", or use --rounding stochastic" : "");
    }

    /** Q8_0, or F16 where Q8_0 is what has no room. */
    GgmlType roomierType() {
        boolean isEightBits = steps.stream().anyMatch(step -> isBad(step) && step.targetType() == GgmlType.Q8_0);
        return isEightBits ? GgmlType.F16 : GgmlType.Q8_0;
    }

    private boolean isQuantized() {
        return steps.stream()
                .anyMatch(step -> grid(step) == Grid.SAME && step.targetType().isQuantized() && isBad(step));
    }
}
