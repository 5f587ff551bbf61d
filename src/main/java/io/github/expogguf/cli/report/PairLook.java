package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Roles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a look at some rows of a pair told before the work began.
 *
 * @param remarks  that were printed
 * @param distance of the models; empty where there is one model, or its weights could not be looked at
 * @param trained  the part of that distance, 0 to 1, that cannot be the rounding of the inputs
 * @param further  norm of each further delta by that of its SFT model, without what rounding may be of it
 * @param fits     the lines that the tensors of checkpoints followed, by name; none of a pair
 * @param samples  what was looked at: the pair, then each further delta; none where nothing was
 */
public record PairLook(
        List<Remark> remarks,
        Optional<DeltaDistance> distance,
        double trained,
        List<Double> further,
        Map<String, TrajectoryFit> fits,
        List<PairComparison> samples) {

    /** Of what was looked at before. */
    public static final PairLook NONE = new PairLook(List.of(), Optional.empty());

    /** Of a distance whose rounding does not matter. */
    public PairLook(List<Remark> remarks, Optional<DeltaDistance> distance) {
        this(remarks, distance, 1, List.of(), Map.of(), List.of());
    }

    /** @param deltas the further ones */
    static PairLook of(List<Remark> remarks, PairComparison sample, List<PairComparison> deltas) {
        List<Double> further = deltas.stream()
                .map(delta -> trained(delta) * delta.total().relativeNorm())
                .toList();
        List<PairComparison> samples = new ArrayList<>(List.of(sample));
        samples.addAll(deltas);
        return new PairLook(
                remarks, Optional.of(DeltaDistance.of(sample)), trained(sample), further, Map.of(), samples);
    }

    private static double trained(PairComparison sample) {
        double rounding = sample.noise() / sample.total().deltaRms();
        return Math.sqrt(Math.max(0, 1 - rounding * rounding)); // the squares add up
    }

    PairLook withRemarks(List<Remark> other) {
        return new PairLook(other, distance, trained, further, fits, samples);
    }

    PairLook withFits(Map<String, TrajectoryFit> found) {
        return new PairLook(remarks, distance, trained, further, found, samples);
    }

    /** What a plan adds to the aligned model, if most of it may be the rounding of coarse inputs. */
    Optional<CoarseStep> coarse(Plan plan) {
        return CoarseDeltas.of(samples, plan);
    }

    /** How far the planned result lies from the SFT model, as a share of its norm, where that is known. */
    OptionalDouble distance(Plan plan) {
        Optional<DeltaDistance> measurable =
                distance.filter(pair -> pair.isMeasurable() && plan.options().rank() == 0);
        return (plan.options().toStep().isPresent()
                        ? measurable.filter(_ -> !fits.isEmpty()).map(pair -> pair.of(plan, fits))
                        : measurable.map(pair -> pair.of(plan)))
                .stream().mapToDouble(Double::doubleValue).findFirst();
    }

    /** As in {@code 1.20 % of the SFT model's norm, the aligned model 0.15 %}. */
    Optional<String> distanceText(Plan plan) {
        OptionalDouble reached = distance(plan);
        return reached.isEmpty()
                ? Optional.empty()
                : distance.map(pair ->
                        roles(plan).in(share(reached.getAsDouble()) + ", the aligned model " + percent(pair.at(0))));
    }

    /** What the two models are called. */
    static Roles roles(Plan plan) {
        return plan.options().toStep().isPresent() ? Roles.FIRST_AND_LAST : Roles.PAIR;
    }

    /** As in {@code 1.20 % of the SFT model's norm}. */
    static String share(double distance) {
        return distance < 100
                ? percent(distance) + " of the SFT model's norm"
                : Numbers.significant(distance, 2) + " times the SFT model's norm";
    }

    static String percent(double share) {
        return Numbers.percent(share, share < 0.0001 ? 4 : share < 0.1 ? 2 : 0);
    }
}
