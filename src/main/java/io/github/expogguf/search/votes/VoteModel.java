package io.github.expogguf.search.votes;

import io.github.expogguf.search.AlphaScale;
import java.util.List;

/**
 * Fits a curve of quality over alpha to votes. How likely a vote is, is Davidson's extension of the Bradley-Terry model
 * to ties (On extending the Bradley-Terry model to accommodate ties in paired comparison experiments, JASA 65, 1970,
 * equation 2.2): with qualities {@code f}, in logits, and {@code d = f(left) - f(right)},
 *
 * <pre>{@code
 * p(left)  = exp( d / 2) / (exp(d / 2) + exp(-d / 2) + exp(tie))
 * p(right) = exp(-d / 2) / (exp(d / 2) + exp(-d / 2) + exp(tie))
 * p(same)  = exp(tie)    / (exp(d / 2) + exp(-d / 2) + exp(tie))
 * }</pre>
 *
 * which is log-concave in {@code f} and {@code tie} together. Quality is a Gaussian process over the positions of
 * {@link AlphaScale}, as in Chu and Ghahramani, Preference learning with Gaussian processes, ICML 2005, with a
 * squared-exponential kernel to which a hump of unknown height is added (Rasmussen and Williams, section 2.7: explicit
 * basis functions); {@code tie} has a normal prior. The posterior is Laplace's approximation around the
 * maximum, found by Newton's method (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, section
 * 3.4), in coordinates in which the prior is white: {@code (f, tie) = L z}, covariance {@code L (I + L' W L)^-1 L'}
 * with {@code W} the curvature of the votes.
 */
final class VoteModel {

    /** Prior standard deviation of a quality, in logits: 0.5 is a model that is preferred in 62 of 100 comparisons. */
    private static final double SPREAD = 0.5;

    /** Length scale on {@link AlphaScale}, as a share of the range. */
    private static final double SMOOTHNESS = 0.4;

    /**
     * Prior standard deviation of a hump, or hollow, around the alpha that is expected to be the best: where a pair
     * gains at all, it gains most about there, so that less has to be heard. Its width is a share of the range.
     */
    private static final double HUMP = 1;

    private static final double HUMP_WIDTH = 0.3;

    /** Prior standard deviation of the tie parameter around 0, where one in three among equals is a tie. */
    private static final double TIE_SPREAD = 1;

    private static final double JITTER = 1e-6;
    private static final int MOST_STEPS = 100;
    private static final double CONVERGED = 1e-10;

    private final int count; // of alphas; the tie parameter comes after them
    private final List<Float> alphas;
    private final double[][] prior; // L, [count + 1, count + 1], lower triangle

    VoteModel(List<Float> alphas, float expected) {
        this.alphas = alphas;
        this.count = alphas.size();
        double[][] covariance = new double[count + 1][count + 1];
        double range = AlphaScale.position(alphas.getLast()) - AlphaScale.position(alphas.getFirst());
        double scale = SMOOTHNESS * range;
        double[] hump = new double[count];
        for (int i = 0; i < count; i++) {
            double away = (AlphaScale.position(alphas.get(i)) - AlphaScale.position(expected)) / (HUMP_WIDTH * range);
            hump[i] = HUMP * StrictMath.exp(-away * away / 2);
        }
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                double apart = (AlphaScale.position(alphas.get(i)) - AlphaScale.position(alphas.get(j))) / scale;
                covariance[i][j] = SPREAD * SPREAD * StrictMath.exp(-apart * apart / 2) + hump[i] * hump[j];
            }
            covariance[i][i] += JITTER;
        }
        covariance[count][count] = TIE_SPREAD * TIE_SPREAD;
        this.prior = Matrices.cholesky(covariance);
    }

    /** What votes on these alphas say. */
    Posterior fit(List<Vote> votes) {
        List<int[]> sides = votes.stream()
                .map(vote -> new int[] {alphas.indexOf(vote.left()), alphas.indexOf(vote.right())})
                .toList();
        double[] white = new double[count + 1];
        double height = height(votes, sides, white);
        for (int step = 0; step < MOST_STEPS; step++) {
            Curvature at = curvature(votes, sides, Matrices.times(prior, white));
            double[] slope = Matrices.transposedTimes(prior, at.gradient);
            for (int i = 0; i <= count; i++) {
                slope[i] -= white[i];
            }
            double[] move = Matrices.solve(Matrices.cholesky(whitened(at.matrix)), slope);
            double share = 1;
            double[] next = moved(white, move, share);
            double reached = height(votes, sides, next);
            while (reached < height && share > CONVERGED) {
                share /= 2;
                next = moved(white, move, share);
                reached = height(votes, sides, next);
            }
            double gained = reached - height;
            if (gained >= 0) {
                white = next;
                height = reached;
            }
            if (gained < CONVERGED) {
                break;
            }
        }
        return posterior(votes, sides, white);
    }

    private Posterior posterior(List<Vote> votes, List<int[]> sides, double[] white) {
        double[] mode = Matrices.times(prior, white);
        double[][] precision = whitened(curvature(votes, sides, mode).matrix);
        // with precision = C C', a sample is L (z + C'^-1 e), e standard normal
        return new Posterior(mode, prior, Matrices.cholesky(precision));
    }

    /** I + L' W L. */
    private double[][] whitened(double[][] curvature) {
        double[][] product = Matrices.transposedTimesTimes(prior, curvature);
        for (int i = 0; i < product.length; i++) {
            product[i][i] += 1;
        }
        return product;
    }

    private static double[] moved(double[] from, double[] move, double share) {
        double[] to = new double[from.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = from[i] + share * move[i];
        }
        return to;
    }

    /** Logarithm of the posterior, but for a constant. */
    private double height(List<Vote> votes, List<int[]> sides, double[] white) {
        double[] latent = Matrices.times(prior, white);
        double sum = 0;
        for (double value : white) {
            sum -= value * value / 2;
        }
        for (int v = 0; v < sides.size(); v++) {
            int left = sides.get(v)[0];
            int right = sides.get(v)[1];
            sum += StrictMath.log(probability(votes.get(v).verdict(), latent[left] - latent[right], latent[count]));
        }
        return sum;
    }

    /** Davidson's. */
    static double probability(Verdict verdict, double difference, double tie) {
        double left = StrictMath.exp(difference / 2);
        double right = 1 / left;
        double same = StrictMath.exp(tie);
        double chosen = switch (verdict) {
            case LEFT -> left;
            case RIGHT -> right;
            case SAME -> same;
        };
        return chosen / (left + right + same);
    }

    /** Gradient of the log-likelihood, and its negated matrix of second derivatives. */
    private record Curvature(double[] gradient, double[][] matrix) {}

    private Curvature curvature(List<Vote> votes, List<int[]> sides, double[] latent) {
        double[] gradient = new double[count + 1];
        double[][] matrix = new double[count + 1][count + 1];
        for (int v = 0; v < sides.size(); v++) {
            int left = sides.get(v)[0];
            int right = sides.get(v)[1];
            double difference = latent[left] - latent[right];
            double pLeft = probability(Verdict.LEFT, difference, latent[count]);
            double pRight = probability(Verdict.RIGHT, difference, latent[count]);
            double pSame = 1 - pLeft - pRight;
            Verdict verdict = votes.get(v).verdict();
            double observed = verdict == Verdict.LEFT ? 0.5 : verdict == Verdict.RIGHT ? -0.5 : 0;
            double expected = (pLeft - pRight) / 2;
            gradient[left] += observed - expected;
            gradient[right] -= observed - expected;
            gradient[count] += (verdict == Verdict.SAME ? 1 : 0) - pSame;
            // the logits are linear in (d, tie): curvature is the covariance of what they are multiplied by
            double ofDifference = (pLeft + pRight) / 4 - expected * expected;
            double ofTie = pSame * (1 - pSame);
            double ofBoth = -expected * pSame;
            matrix[left][left] += ofDifference;
            matrix[right][right] += ofDifference;
            matrix[left][right] -= ofDifference;
            matrix[right][left] -= ofDifference;
            matrix[count][count] += ofTie;
            matrix[left][count] += ofBoth;
            matrix[count][left] += ofBoth;
            matrix[right][count] -= ofBoth;
            matrix[count][right] -= ofBoth;
        }
        return new Curvature(gradient, matrix);
    }
}
