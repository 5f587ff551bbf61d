package io.github.expogguf.run.rank;

import io.github.expogguf.extrapolate.TrajectoryFit;
import java.util.Arrays;
import java.util.List;

/** From the Gram matrix of a tensor's deltas to the line that they follow. */
final class TrajectoryLine {

    /** Later checkpoints, of which all but the last make a line. */
    private static final int ENOUGH = 3;

    private TrajectoryLine() {}

    /**
     * With the last checkpoint held out, too, where the others are enough for a line.
     *
     * @param steps of the checkpoints after the first
     * @param gram  as many rows and columns, finite
     */
    static TrajectoryFit of(List<Double> steps, double[][] gram) {
        TrajectoryFit fit = line(steps, gram);
        return steps.size() < ENOUGH ? fit : fit.withHeldOut(heldOut(steps, gram));
    }

    private static TrajectoryFit line(List<Double> steps, double[][] gram) {
        int size = steps.size();
        double[][] part = new double[size][];
        double energy = 0;
        for (int i = 0; i < size; i++) {
            part[i] = Arrays.copyOf(gram[i], size);
            energy += gram[i][i];
        }
        SymmetricEigen eigen = SymmetricEigen.of(part);
        List<Double> vector = Arrays.stream(eigen.vectors()[0]).boxed().toList();
        return TrajectoryFit.of(steps, eigen.values()[0], vector, energy);
    }

    /** Distances in products alone: the prediction is a sum of deltas. */
    private static TrajectoryFit.HeldOut heldOut(List<Double> steps, double[][] gram) {
        int last = steps.size() - 1;
        List<Double> weights = line(steps.subList(0, last), gram).weightsAt(steps.get(last));
        double missed = gram[last][last];
        for (int i = 0; i < last; i++) {
            missed -= 2 * weights.get(i) * gram[i][last];
            for (int j = 0; j < last; j++) {
                missed += weights.get(i) * weights.get(j) * gram[i][j];
            }
        }
        double moved = gram[last][last] - 2 * gram[last - 1][last] + gram[last - 1][last - 1];
        return new TrajectoryFit.HeldOut(Math.max(0, missed), Math.max(0, moved));
    }
}
