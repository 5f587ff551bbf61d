package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a look at some rows of a pair told before the work began.
 *
 * @param remarks  that were printed
 * @param distance of the models; empty where there is one model, or its weights could not be looked at
 */
public record PairLook(List<Remark> remarks, Optional<DeltaDistance> distance) {

    /** Of what was looked at before. */
    public static final PairLook NONE = new PairLook(List.of(), Optional.empty());

    /** How far the planned result lies from the SFT model, as a share of its norm. */
    OptionalDouble distance(Plan plan) {
        return of(plan).stream().mapToDouble(pair -> pair.of(plan)).findFirst();
    }

    /** As in {@code 1.20 % of the SFT model's norm, the aligned model 0.15 %}. */
    Optional<String> distanceText(Plan plan) {
        return of(plan).map(pair ->
                percent(pair.of(plan)) + " of the SFT model's norm, the aligned model " + percent(pair.at(0)));
    }

    /** What is known of the whole delta says nothing of its part of a rank, nor of what checkpoints predict. */
    private Optional<DeltaDistance> of(Plan plan) {
        return distance.filter(pair -> pair.isMeasurable()
                && plan.options().rank() == 0
                && plan.options().toStep().isEmpty());
    }

    static String percent(double share) {
        return Numbers.percent(share, share < 0.0001 ? 4 : share < 0.1 ? 2 : 0);
    }
}
