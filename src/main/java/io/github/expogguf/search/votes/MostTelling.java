package io.github.expogguf.search.votes;

import java.util.Set;

/**
 * Chooses what to compare next: the two alphas whose verdict is expected to say most about which alpha is the best. It
 * is the mutual information of verdict and best, {@code H[E p(verdict)] - E H[p(verdict | best)]}, over samples of the
 * posterior: entropy search (Hennig and Schuler, Entropy search for information-efficient global optimization, JMLR 13,
 * 2012) with comparisons in place of values, as Houlsby and others compare (Bayesian active learning for classification
 * and preference learning, 2011, arXiv 1112.5745, equation 2).
 */
final class MostTelling {

    private static final int VERDICTS = 3;

    private final Posterior posterior;
    private final int[] best; // by sample
    private final double[] weight; // share of samples, by which alpha is best
    private final double[][] strengths; // of samples: exp(quality / 2), and exp(tie) last

    MostTelling(Posterior posterior) {
        this.posterior = posterior;
        this.best = new int[posterior.samples().length];
        this.weight = new double[posterior.count()];
        this.strengths = new double[best.length][posterior.count() + 1];
        for (int s = 0; s < best.length; s++) {
            double[] sample = posterior.samples()[s];
            for (int i = 0; i <= posterior.count(); i++) {
                strengths[s][i] = StrictMath.exp(i < posterior.count() ? sample[i] / 2 : sample[i]);
            }
            best[s] = posterior.best(posterior.samples()[s]);
            weight[best[s]] += 1.0 / best.length;
        }
    }

    /** Indices of two alphas. */
    record Pair(int low, int high) {}

    /** @param without pairs that are being asked about already; not all there are */
    Pair next(Set<Pair> without) {
        Pair found = null;
        double most = Double.NEGATIVE_INFINITY;
        for (int low = 0; low < posterior.count(); low++) {
            for (int high = low + 1; high < posterior.count(); high++) {
                Pair pair = new Pair(low, high);
                double information = without.contains(pair) ? Double.NEGATIVE_INFINITY : information(low, high);
                if (information > most) {
                    most = information;
                    found = pair;
                }
            }
        }
        if (found == null) {
            throw new IllegalArgumentException("every pair is being asked about");
        }
        return found;
    }

    /** In nats. */
    double information(int low, int high) {
        double[][] byBest = new double[posterior.count()][VERDICTS];
        double[] all = new double[VERDICTS];
        for (int s = 0; s < best.length; s++) {
            double left = strengths[s][low] / strengths[s][high];
            double right = strengths[s][high] / strengths[s][low];
            double same = strengths[s][posterior.count()];
            double share = 1 / (left + right + same) / best.length;
            double[] sums = byBest[best[s]];
            sums[0] += left * share;
            sums[1] += right * share;
            sums[2] += same * share;
        }
        double conditional = 0;
        for (int k = 0; k < byBest.length; k++) {
            if (weight[k] > 0) {
                for (int v = 0; v < VERDICTS; v++) {
                    all[v] += byBest[k][v];
                    byBest[k][v] /= weight[k];
                }
                conditional += weight[k] * entropy(byBest[k]);
            }
        }
        return entropy(all) - conditional;
    }

    private static double entropy(double[] probabilities) {
        double sum = 0;
        for (double probability : probabilities) {
            sum -= probability > 0 ? probability * StrictMath.log(probability) : 0;
        }
        return sum;
    }
}
