package io.github.expogguf.cli.report;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Tensors that nobody trained, as the factors of rotations, and that an output has from neither model. */
final class ConstantRemarks {

    /** By less the same constants of two converters may differ. */
    private static final double ROUNDING = 1e-4;

    private ConstantRemarks() {}

    /** A warning, where a plan extrapolates such tensors. */
    static Optional<String> of(PairComparison sample, Plan plan) {
        Set<String> trainable = names(sample.trainable());
        List<TensorDelta> constants = sample.tensors().stream()
                .filter(tensor -> !trainable.contains(tensor.name()))
                .filter(constant -> constant.sums().relativeNorm() > ROUNDING)
                .toList();
        if (constants.isEmpty()) {
            return Optional.empty();
        }
        Set<String> extrapolated = plan.tasks().stream()
                .filter(task -> task instanceof TensorTask.Extrapolate pair && pair.alpha() != 0)
                .map(task -> task.aligned().name())
                .collect(Collectors.toSet());
        List<String> different = constants.stream()
                .map(TensorDelta::name)
                .filter(extrapolated::contains)
                .toList();
        return different.isEmpty()
                ? Optional.empty()
                : Optional.of(Escape.text(different.getFirst())
                        + (different.size() == 1
                                ? " differs"
                                : " and " + Words.plural(different.size() - 1, "other") + " differ")
                        + " between the two models, computed from their configurations and not trained; extrapolated like"
                        + " weights, the output's are those of neither; --rule 'rope_=copy' keeps the aligned model's");
    }

    private static Set<String> names(List<TensorDelta> tensors) {
        return tensors.stream().map(TensorDelta::name).collect(Collectors.toSet());
    }
}
