package io.github.expogguf.extrapolate;

import io.github.expogguf.text.Numbers;

/**
 * ExPO: {@code extrapolated = aligned + alpha * (aligned - sft)}, from "Model Extrapolation Expedites Alignment",
 * <a href="https://arxiv.org/abs/2404.16792">arXiv 2404.16792</a>. The step from {@code sft} to {@code aligned} goes on
 * in its direction by {@code alpha} times its length: 0 is the aligned model, -1 the sft model.
 *
 * <p>Beware of other notations: for the same model mergekit's task_arithmetic wants {@code 1 + alpha} as the weight of
 * the aligned model with the sft model as its base, and some papers call that number alpha.
 *
 * <p>The arithmetic is IEEE binary32, unfused, in this order: {@code delta = aligned - sft}, {@code step = alpha *
 * delta}, {@code result = aligned + step}. Any other program that keeps to it gets the same bits.
 *
 * @param alpha how far to go on, finite; published models use 0.1 to 0.5
 */
public record Extrapolation(float alpha) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if alpha is infinite or NaN
     */
    public Extrapolation {
        Numbers.requireFinite(alpha, "alpha");
    }

    /**
     * {@return the formula for one weight; the kernels agree with it bit for bit, except in what a NaN carries}
     *
     * @param sft     weight of the SFT model
     * @param aligned weight of the aligned model
     */
    public float apply(float sft, float aligned) {
        float delta = aligned - sft;
        float step = alpha * delta;
        return aligned + step;
    }

    /**
     * {@return the formula over many weights: plain Java, replaced by SIMD code where there is enough work and the
     * vector module; both give the same bits}
     */
    public ExtrapolationKernel kernel() {
        return new SwitchingKernel(alpha);
    }
}
