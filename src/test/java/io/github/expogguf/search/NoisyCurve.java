package io.github.expogguf.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * A model whose true score is known: prompts of different difficulty, the same at every alpha, and noise that is not.
 * The same seed and alpha give the same scores.
 */
final class NoisyCurve implements Evaluator {

    static final int PROMPTS = 138;
    static final double NOISE = 0.5;

    private final DoubleUnaryOperator score;
    private final DoubleUnaryOperator length;
    private final double noise;
    private final long seed;
    private final List<Float> asked = new ArrayList<>();

    NoisyCurve(DoubleUnaryOperator score, DoubleUnaryOperator length, double noise, long seed) {
        this.score = score;
        this.length = length;
        this.noise = noise;
        this.seed = seed;
    }

    static NoisyCurve of(DoubleUnaryOperator score, long seed) {
        return new NoisyCurve(score, alpha -> 1 + alpha / 10, NOISE, seed);
    }

    static NoisyCurve exact(DoubleUnaryOperator score) {
        return new NoisyCurve(score, alpha -> 1 + alpha / 10, 0, 0);
    }

    /** A hump over the alphas around a peak, as wide as those of the published models. */
    static DoubleUnaryOperator hump(double peak, double height) {
        return alpha -> {
            double distance = AlphaScale.position(alpha) - AlphaScale.position(peak);
            return height * Math.exp(-distance * distance / 2);
        };
    }

    @Override
    public Evaluation evaluate(float alpha) {
        asked.add(alpha);
        Random difficulty = new Random(seed);
        Random luck = new Random(seed * 31 + Float.floatToIntBits(alpha));
        List<Double> scores = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            scores.add(score.applyAsDouble(alpha) + difficulty.nextGaussian() + noise * luck.nextGaussian());
        }
        return new Evaluation(alpha, scores, Map.of("length", length.applyAsDouble(alpha)), List.of());
    }

    /** The alphas that were evaluated, in order. */
    List<Float> asked() {
        return asked;
    }
}
