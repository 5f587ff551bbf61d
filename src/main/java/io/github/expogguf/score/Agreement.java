package io.github.expogguf.score;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.List;

/**
 * How far a model agrees with the aligned one about what follows. A number per passage is the mean over its compared
 * positions.
 *
 * @param kl        Kullback-Leibler divergence, in nats per token, by passage: the sum over the vocabulary of
 *                  {@code p * (log p - log q)}, with {@code p} of the aligned model and {@code q} of this one
 * @param top1      share of positions where both find the same token most likely, by passage
 * @param positions positions that were compared
 */
public record Agreement(List<Double> kl, List<Double> top1, int positions) {

    /** Copies the lists. */
    public Agreement {
        kl = Elements.copy(kl, "kl");
        top1 = Elements.copy(top1, "top1");
    }

    /** {@return the mean over passages, in nats per token} */
    public double meanKl() {
        return Numbers.mean(kl);
    }

    /** {@return the mean over passages, from 0 to 1} */
    public double meanTop1() {
        return Numbers.mean(top1);
    }
}
