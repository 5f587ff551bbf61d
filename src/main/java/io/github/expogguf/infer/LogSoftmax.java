package io.github.expogguf.infer;

import java.util.Objects;

/**
 * From logits to the logarithms of probabilities, in 64-bit arithmetic. A logit {@code x} has the natural
 * log-probability {@code (x - max) - logSum}; in this order nothing is lost where logits are huge.
 *
 * @param max    the largest logit
 * @param logSum natural logarithm of the sum of {@code exp(x - max)} over all logits
 */
public record LogSoftmax(float max, double logSum) {

    /**
     * {@return sums over the logits}
     *
     * @param logits one per token, at least one of them finite; minus infinity is a probability of zero
     */
    public static LogSoftmax of(float[] logits) {
        Objects.requireNonNull(logits, "logits");
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - max);
        }
        return new LogSoftmax(max, Math.log(sum));
    }

    /**
     * {@return the natural logarithm of the probability of the token that has this logit}
     *
     * @param logit of one token of the same position
     */
    public double logProbability(float logit) {
        return (double) logit - max - logSum;
    }
}
