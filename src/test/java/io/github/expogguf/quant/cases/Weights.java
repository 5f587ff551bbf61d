package io.github.expogguf.quant.cases;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Weights of every kind that quantizers meet, and of kinds that they should survive. */
public enum Weights {
    NORMAL {
        @Override
        public float next(RandomGenerator random, int index) {
            return (float) (0.02 * random.nextGaussian());
        }
    },
    UNIFORM {
        @Override
        public float next(RandomGenerator random, int index) {
            return random.nextFloat(-1, 1);
        }
    },
    HEAVY_TAILED {
        @Override
        public float next(RandomGenerator random, int index) {
            return (float) (0.01 * random.nextGaussian() / Math.max(1e-4, random.nextDouble()));
        }
    },
    /** The same value in runs of 16, a block or several, of any sign and magnitude. */
    CONSTANT {
        @Override
        public float next(RandomGenerator random, int index) {
            int run = 16 << shape(index) % 7;
            return NORMAL.next(new SplittableRandom(index / run + 31L * shape(index)), 0);
        }
    },
    /** One value, or another that is one or two steps of a float away. */
    NEARLY_CONSTANT {
        @Override
        public float next(RandomGenerator random, int index) {
            float value = 1f + shape(index) % 7 * 0.37f;
            float nearby = random.nextInt(3) == 0 ? Math.nextUp(value) : value;
            return shape(index) % 2 == 0 ? nearby : -nearby;
        }
    },
    ZERO {
        @Override
        public float next(RandomGenerator random, int index) {
            return shape(index) % 3 == 0 ? -0f : 0f;
        }
    },
    ONE_HOT {
        @Override
        public float next(RandomGenerator random, int index) {
            int period = 16 << shape(index) % 5;
            return index % period == shape(index) % period ? (float) random.nextGaussian() : 0;
        }
    },
    SUBNORMAL {
        @Override
        public float next(RandomGenerator random, int index) {
            return Float.intBitsToFloat(random.nextInt(1 << 23) >> random.nextInt(23) | random.nextInt(2) << 31);
        }
    },
    /** From subnormal to what the scales of every type hold, within a block. */
    ANY_EXPONENT {
        @Override
        public float next(RandomGenerator random, int index) {
            int exponent = random.nextInt(127 + 15 - shape(index) % 40);
            return Float.intBitsToFloat(random.nextInt(2) << 31 | exponent << 23 | random.nextInt(1 << 23));
        }
    },
    /** To be multiplied by the limit of the wide quantizers, or the largest magnitude of the type if that is less. */
    LARGE {
        @Override
        public float next(RandomGenerator random, int index) {
            return random.nextFloat(-1, 1);
        }
    },
    /** To be multiplied by the largest magnitude that the scales of the type hold. */
    HUGE {
        @Override
        public float next(RandomGenerator random, int index) {
            return random.nextFloat(-1, 1);
        }
    },
    POSITIVE {
        @Override
        public float next(RandomGenerator random, int index) {
            return 0.1f * (shape(index) % 5) + Math.abs(NORMAL.next(random, index));
        }
    },
    NEGATIVE {
        @Override
        public float next(RandomGenerator random, int index) {
            return -POSITIVE.next(random, index);
        }
    },
    ALTERNATING {
        @Override
        public float next(RandomGenerator random, int index) {
            float value = 0.01f * (1 + shape(index) % 9);
            return index % 2 == 0 ? value : -value;
        }
    },
    /** Halves and integers, on which rounding ties and equal errors are frequent. */
    TIES {
        @Override
        public float next(RandomGenerator random, int index) {
            return random.nextInt(-32, 33) * 0.5f;
        }
    },
    /**
     * Halfway between two steps, where the largest of a run is as many steps from 0 as some type has: the first scale
     * of that type is exact, and each value on a rounding tie.
     */
    HALF_STEPS {
        private static final int[] STEPS = {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 127};

        @Override
        public float next(RandomGenerator random, int index) {
            int shape = shape(index);
            int steps = STEPS[shape % STEPS.length];
            boolean isPositive = shape / STEPS.length % 2 == 0;
            float count = index % 16 == 0 ? steps : random.nextInt(isPositive ? 0 : -steps, steps) + 0.5f;
            return Math.scalb(count, -shape % 9);
        }
    },
    /** Few values, among them zeros of both signs, so that minima, maxima and magnitudes occur more than once. */
    FEW {
        private static final float[] VALUES = {0, -0f, 0.5f, 1, 0, -0f, -0.5f, -1};

        @Override
        public float next(RandomGenerator random, int index) {
            int shape = shape(index);
            return VALUES[random.nextInt(1 + shape % 4) + shape / 4 % 5];
        }
    },
    /** As an F16 file holds them. */
    HALVES {
        @Override
        public float next(RandomGenerator random, int index) {
            return Float.float16ToFloat(Float.floatToFloat16(NORMAL.next(random, index)));
        }
    },
    /** Sub-blocks of very different magnitude, so that the scales of some round to 0. */
    UNEVEN {
        @Override
        public float next(RandomGenerator random, int index) {
            int step = new SplittableRandom(index / 16 + 31L * shape(index)).nextInt(12);
            return (float) (random.nextGaussian() * Math.pow(10, -step));
        }
    };

    private static final int SHAPE_LENGTH = 1 << 10;

    /**
     * The next weight.
     *
     * @param index of the weight, from 0
     */
    public abstract float next(RandomGenerator random, int index);

    /** A number that stays for as many weights as some blocks hold, so that blocks differ in kind. */
    private static int shape(int index) {
        return index / SHAPE_LENGTH % 1000;
    }
}
