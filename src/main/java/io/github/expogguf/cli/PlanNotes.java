package io.github.expogguf.cli;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.TensorTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the user of a pair should hear before the work begins. */
final class PlanNotes {

    /** Below this many bits the error of quantizing two models is larger than the difference between them. */
    private static final double ENOUGH_BITS = 8;

    private PlanNotes() {}

    /** Every note once, however many plans it holds for. */
    static List<String> of(List<Plan> plans) {
        return plans.stream().flatMap(plan -> of(plan).stream()).distinct().toList();
    }

    private static List<String> of(Plan plan) {
        List<String> notes = new ArrayList<>();
        float alpha = plan.options().alpha();
        if (alpha < 0) {
            notes.add("alpha " + alpha
                    + " is negative: the result lies on the side of the SFT model, not beyond the aligned one");
        }
        Set<GgmlType> coarse = plan.tasks().stream()
                .flatMap(PlanNotes::inputs)
                .filter(type -> type.isQuantized() && type.bitsPerWeight() < ENOUGH_BITS)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
        if (!coarse.isEmpty()) {
            notes.add("inputs in "
                    + coarse.stream().map(Enum::name).collect(Collectors.joining(", "))
                    + ": the difference of the models may drown in quantization noise; prefer F16, BF16 or Q8_0");
        }
        return notes;
    }

    private static Stream<GgmlType> inputs(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair
                ? Stream.of(pair.sft().type(), pair.aligned().type())
                : Stream.empty();
    }
}
