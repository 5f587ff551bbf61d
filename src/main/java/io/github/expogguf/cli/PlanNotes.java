package io.github.expogguf.cli;

import io.github.expogguf.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/** What the user of a pair should hear before the work begins. */
final class PlanNotes {

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
        return notes;
    }
}
