package io.github.expogguf.search.votes;

import java.util.Random;

/**
 * What is known of the qualities: a normal distribution, as samples of it, the same for the same votes.
 *
 * @param mode    most likely qualities, the tie parameter last
 * @param samples qualities by sample, the tie parameter last
 */
record Posterior(double[] mode, double[][] samples) {

    private static final int SAMPLES = 1024;
    private static final long SEED = 1;

    Posterior(double[] mode, double[][] prior, double[][] precision) {
        this(mode, draw(mode, prior, precision));
    }

    /** In pairs on both sides of the mode, so that their mean is the mode. */
    private static double[][] draw(double[] mode, double[][] prior, double[][] precision) {
        Random random = new Random(SEED);
        double[][] samples = new double[SAMPLES][mode.length];
        double[] normal = new double[mode.length];
        for (int s = 0; s < SAMPLES; s += 2) {
            for (int i = 0; i < normal.length; i++) {
                normal[i] = random.nextGaussian();
            }
            double[] deviation = Matrices.times(prior, Matrices.solveTransposed(precision, normal));
            for (int i = 0; i < mode.length; i++) {
                samples[s][i] = mode[i] + deviation[i];
                samples[s + 1][i] = mode[i] - deviation[i];
            }
        }
        return samples;
    }

    int count() {
        return mode.length - 1;
    }

    /** Index of the best alpha of a sample; of equals the first. */
    int best(double[] sample) {
        int best = 0;
        for (int i = 1; i < count(); i++) {
            if (sample[i] > sample[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Standard deviation of the difference of two qualities. */
    double deviation(int one, int other) {
        double squares = 0;
        double mean = mode[one] - mode[other];
        for (double[] sample : samples) {
            double difference = sample[one] - sample[other] - mean;
            squares += difference * difference;
        }
        return StrictMath.sqrt(squares / samples.length);
    }

    /** Probability that an alpha is better than another. */
    double probabilityBetter(int one, int other) {
        int better = 0;
        for (double[] sample : samples) {
            better += sample[one] > sample[other] ? 1 : 0;
        }
        return (double) better / samples.length;
    }

    /** Probability that the best of all is better by at most a loss. */
    double probabilityWithin(int chosen, double loss) {
        int within = 0;
        for (double[] sample : samples) {
            within += sample[best(sample)] - sample[chosen] <= loss ? 1 : 0;
        }
        return (double) within / samples.length;
    }

    /** By how much the best of all is better, on average. */
    double expectedLoss(int chosen) {
        double sum = 0;
        for (double[] sample : samples) {
            sum += sample[best(sample)] - sample[chosen];
        }
        return sum / samples.length;
    }
}
