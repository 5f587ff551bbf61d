package io.github.expogguf.quant.k;

import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.util.Arrays;

/**
 * {@code make_qp_quants} of ggml-quants.c (ggml 0.25.1): quantizes the scales or the minima of a super-block's
 * sub-blocks, weighed by the importance of these. Operations and their order are those of the C code.
 */
public final class WeighedScales {

    private static final int BYTE = 0xff;
    private static final int STEPS = 4; // in each direction
    private static final int ROUNDS = 5;

    /** The quants found, as bytes of ggml: a negative one has become large. */
    final int[] quants;

    private final int length;
    private final int most;

    /**
     * The parameters of the C function.
     *
     * @param length sub-blocks of a super-block
     * @param most   {@code nmax}
     */
    public WeighedScales(int length, int most) {
        this.quants = new int[length];
        this.length = length;
        this.most = most;
    }

    /** Returns the scale of the scales, of which there are some from an index on; their weights have the same index. */
    public float run(float[] scales, float[] weights, int first) {
        float max = 0;
        for (int i = 0; i < length; i++) {
            max = max > scales[first + i] ? max : scales[first + i]; // passes a NaN on, or not, as ggml does
        }
        if (max < ScaleSearch.LEAST_MAGNITUDE) {
            Arrays.fill(quants, 0);
            return 0;
        }
        return refine(bestQuantScale(max, scales, weights, first), scales, weights, first);
    }

    private float bestQuantScale(float max, float[] scales, float[] weights, int first) {
        float best = most / max;
        float leastError = 0;
        float scale = 1 / best;
        for (int i = 0; i < length; i++) {
            float x = scales[first + i];
            float difference = x - scale * (Lanes.nearestInt(best * x) & BYTE);
            leastError += weights[first + i] * difference * difference;
        }
        for (int step = -STEPS; step <= STEPS; step++) {
            if (step == 0) {
                continue;
            }
            float quantScale = (0.1f * step + most) / max;
            scale = 1 / quantScale;
            float error = 0;
            for (int i = 0; i < length; i++) {
                float x = scales[first + i];
                float difference = x - scale * Math.min(most, Lanes.nearestInt(quantScale * x));
                error += weights[first + i] * difference * difference;
            }
            if (error < leastError) {
                leastError = error;
                best = quantScale;
            }
        }
        return best;
    }

    private float refine(float quantScale, float[] scales, float[] weights, int first) {
        float sumXl = 0;
        float sumL2 = 0;
        for (int i = 0; i < length; i++) {
            float x = scales[first + i];
            float w = weights[first + i];
            int l = Math.min(most, Lanes.nearestInt(quantScale * x));
            quants[i] = l & BYTE;
            sumXl += w * x * l;
            sumL2 += w * l * l;
        }
        boolean isChanged = true;
        for (int round = 0; round < ROUNDS && isChanged; round++) {
            isChanged = false;
            for (int i = 0; i < length; i++) {
                float x = scales[first + i];
                float w = weights[first + i];
                float newXl = sumXl - w * x * quants[i];
                float newL2 = sumL2 - w * quants[i] * quants[i];
                if (newXl > 0 && newL2 > 0) {
                    int l = Math.min(most, Lanes.nearestInt(x * newL2 / newXl));
                    if (l != quants[i]) {
                        newXl += w * x * l;
                        newL2 += w * l * l;
                        if (newXl * newXl * sumL2 > sumXl * sumXl * newL2) {
                            quants[i] = l & BYTE;
                            sumXl = newXl;
                            sumL2 = newL2;
                            isChanged = true;
                        }
                    }
                }
            }
        }
        return sumL2 > 0 ? sumXl / sumL2 : 0;
    }
}
