package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * An evaluation beside that of the aligned model.
 *
 * @param evaluation         what was measured
 * @param score              mean score of the prompts that decide
 * @param difference         the same less that at alpha 0, by prompt
 * @param reportedScore      mean score of the prompts that were kept to report on; without holdout the same as
 *                           {@code score}
 * @param reportedDifference the same less that at alpha 0, by prompt
 * @param violated           bounds that it does not keep; empty if it can be the best
 */
public record Trial(
        Evaluation evaluation,
        Estimate score,
        Estimate difference,
        Estimate reportedScore,
        Estimate reportedDifference,
        List<GuardBound> violated) {

    /** Copies the list. */
    public Trial {
        Objects.requireNonNull(evaluation, "evaluation");
        Objects.requireNonNull(score, "score");
        Objects.requireNonNull(difference, "difference");
        Objects.requireNonNull(reportedScore, "reportedScore");
        Objects.requireNonNull(reportedDifference, "reportedDifference");
        violated = Elements.copy(violated, "violated");
    }

    /** {@return the weight of the delta} */
    public float alpha() {
        return evaluation.alpha();
    }

    /** {@return whether it keeps all bounds} */
    public boolean isAllowed() {
        return violated.isEmpty();
    }
}
