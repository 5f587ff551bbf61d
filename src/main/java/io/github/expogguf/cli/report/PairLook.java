package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.PairComparison;
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
 * @param trained  the part of that distance, 0 to 1, that cannot be the rounding of the inputs
 * @param further  norm of each further delta by that of its SFT model, without what rounding may be of it
 */
public record PairLook(List<Remark> remarks, Optional<DeltaDistance> distance, double trained, List<Double> further) {

    /** Of what was looked at before. */
    public static final PairLook NONE = new PairLook(List.of(), Optional.empty());

    /** Of a distance whose rounding does not matter. */
    public PairLook(List<Remark> remarks, Optional<DeltaDistance> distance) {
        this(remarks, distance, 1, List.of());
    }

    /** @param deltas the further ones */
    static PairLook of(List<Remark> remarks, PairComparison sample, List<PairComparison> deltas) {
        List<Double> further = deltas.stream()
                .map(delta -> trained(delta) * delta.total().relativeNorm())
                .toList();
        return new PairLook(remarks, Optional.of(DeltaDistance.of(sample)), trained(sample), further);
    }

    private static double trained(PairComparison sample) {
        double rounding = sample.noise() / sample.total().deltaRms();
        return Math.sqrt(Math.max(0, 1 - rounding * rounding)); // the squares add up
    }

    PairLook withRemarks(List<Remark> other) {
        return new PairLook(other, distance, trained, further);
    }

    /** How far the planned result lies from the SFT model, as a share of its norm. */
    OptionalDouble distance(Plan plan) {
        return distanceIn(plan).stream().mapToDouble(pair -> pair.of(plan)).findFirst();
    }

    /** As in {@code 1.20 % of the SFT model's norm, the aligned model 0.15 %}. */
    Optional<String> distanceText(Plan plan) {
        return distanceIn(plan)
                .map(pair ->
                        percent(pair.of(plan)) + " of the SFT model's norm, the aligned model " + percent(pair.at(0)));
    }

    /** What is known of the whole delta says nothing of its part of a rank, nor of what checkpoints predict. */
    Optional<DeltaDistance> distanceIn(Plan plan) {
        return distance.filter(pair -> pair.isMeasurable()
                && plan.options().rank() == 0
                && plan.options().toStep().isEmpty());
    }

    static String percent(double share) {
        return Numbers.percent(share, share < 0.0001 ? 4 : share < 0.1 ? 2 : 0);
    }
}
