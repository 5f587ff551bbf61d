package io.github.expogguf.cli.report;

import io.github.expogguf.plan.Plan;
import java.util.Optional;

/**
 * Why nothing is written, and what of it needs no warning beside it.
 *
 * @param failure      with what insists
 * @param saysRounding whether it tells how much of the models' difference may be rounding
 * @param littleOf     the plan of which it tells how little of alpha would arrive
 */
public record Refusal(RuntimeException failure, boolean saysRounding, Optional<Plan> littleOf) {

    Refusal(RuntimeException failure) {
        this(failure, false, Optional.empty());
    }
}
