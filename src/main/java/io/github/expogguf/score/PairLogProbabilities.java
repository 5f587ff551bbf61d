package io.github.expogguf.score;

import java.util.Objects;

/**
 * How likely a model finds the two answers of a preference, the token that ends each included.
 *
 * @param chosen         natural logarithm of the probability of the better answer, in nats
 * @param chosenTokens   its tokens, at least 1
 * @param rejected       the same of the worse answer
 * @param rejectedTokens its tokens, at least 1
 */
public record PairLogProbabilities(double chosen, int chosenTokens, double rejected, int rejectedTokens) {

    /**
     * By how many nats the better answer is more likely; grows with the length of the worse one.
     *
     * @return by how many nats the better answer is more likely
     */
    public double margin() {
        return chosen - rejected;
    }

    /** {@return the same with each answer's logarithm divided by its tokens: nats per token, whatever the lengths} */
    public double marginPerToken() {
        return chosen / chosenTokens - rejected / rejectedTokens;
    }

    /**
     * {@return the margin that DPO trains: {@code beta * ((chosen - sft chosen) - (rejected - sft rejected))}}
     *
     * @param sft  what the model before alignment finds of the same pair
     * @param beta strength of the KL penalty in the training; 1 gives the reward per unit of beta
     */
    public double implicitReward(PairLogProbabilities sft, double beta) {
        Objects.requireNonNull(sft, "sft");
        return beta * (margin() - sft.margin());
    }
}
