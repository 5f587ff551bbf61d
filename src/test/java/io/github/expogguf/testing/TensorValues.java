package io.github.expogguf.testing;

import io.github.expogguf.gguf.TensorSpec;
import java.util.SplittableRandom;

/** The 32-bit values of every tensor of a model, before they are packed into a type. */
@FunctionalInterface
public interface TensorValues {

    /** {@code elementCount} finite floats. */
    float[] of(TensorSpec tensor);

    /**
     * Normally distributed values as in trained models: norms about 1, decay rates below 0, everything else about 0.
     */
    static TensorValues random(long seed) {
        return tensor -> {
            if (tensor.name().endsWith("ssm_a")) {
                return decay(normal(tensor, seed, 0, 1));
            }
            boolean isNorm = tensor.name().contains("norm");
            return normal(tensor, seed, isNorm ? 1 : 0, isNorm ? 0.1 : 0.05);
        };
    }

    /** The values and a small difference, as alignment makes it. */
    static TensorValues near(TensorValues values, long seed) {
        return tensor -> {
            float[] near = values.of(tensor);
            float[] difference = normal(tensor, seed, 0, 0.004);
            if (tensor.name().endsWith("ssm_a")) {
                for (int i = 0; i < near.length; i++) {
                    near[i] *= 1 + 10 * difference[i];
                }
                return near;
            }
            for (int i = 0; i < near.length; i++) {
                near[i] += difference[i];
            }
            return near;
        };
    }

    private static float[] decay(float[] logarithms) {
        for (int i = 0; i < logarithms.length; i++) {
            logarithms[i] = -(float) Math.exp(logarithms[i]);
        }
        return logarithms;
    }

    private static float[] normal(TensorSpec tensor, long seed, double mean, double deviation) {
        SplittableRandom random = new SplittableRandom(seed * 31 + tensor.name().hashCode());
        float[] values = new float[Math.toIntExact(tensor.shape().elementCount())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian(mean, deviation);
        }
        return values;
    }
}
